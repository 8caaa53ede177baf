# bash completion for the commands of sscard(7).
#
# Options, the names of their values and, where the help lists them, the words
# that are values come from COMMAND --help, each time; other words from the
# data, by jq where there is one.
# shellcheck shell=bash

# COMMAND: a line an option: --name, -letter, value, help, with tabs between.
_sscard_options() {
	"$1" --help 2>/dev/null | awk '
		function row() {
			if (name != "")
				print name "\t" letter "\t" value "\t" text
			name = ""
		}
		/^  (-.,|   ) --/ {
			row()
			letter = substr($0, 3, 1) == "-" ? substr($0, 3, 2) : ""
			text = substr($0, 7)
			name = value = text
			sub(/ .*/, "", name)
			text = substr(text, length(name) + 1)
			if (text !~ /^ [^ ]/)
				value = ""
			else {
				value = substr(text, 2)
				sub(/ .*/, "", value)
				text = substr(text, length(value) + 2)
			}
			sub(/^ +/, "", text)
			next
		}
		name != "" && /^ +[^ ]/ {
			sub(/^ +/, "")
			text = text $0
			next
		}
		{ row() }
		END { row() }'
}

# COMMAND: the folder of its data.
_sscard_data() {
	local bin

	bin=$(type -P "$1") || return
	echo "${SSCARD_DATA:-${bin%/*}/../share/sscard}"
}

# COMMAND SET: the words of a set of words.json.
_sscard_set() {
	type -P jq >/dev/null && jq -r --arg set "$2" \
		'.[$set] // {} | keys_unsorted[]' \
		"$(_sscard_data "$1")/words.json" 2>/dev/null
}

# COMMAND: the manual checks that policies ask for.
_sscard_manual() {
	type -P jq >/dev/null && jq -r '.review.manual[]?' \
		"$(_sscard_data "$1")"/policies/*.json 2>/dev/null | sort -u
}

# COMMAND: the regions that have a policy.
_sscard_regions() {
	local file

	for file in "$(_sscard_data "$1")"/policies/[0-9]*.json; do
		file=${file##*/}
		echo "${file%.json}"
	done
}

# COMMAND: the kinds of cards.
_sscard_profiles() {
	local file

	for file in "$(_sscard_data "$1")"/profiles/*.json; do
		file=${file##*/}
		echo "${file%.json}"
	done
}

# COMMAND --OPTION HELP: the words that its value may be.
_sscard_words() {
	local set=${2#--} listed='^([A-Za-z0-9-]+, )*[A-Za-z0-9-]+ or [A-Za-z0-9-]+$'
	local text=${3%% (*}

	text=${text#of *: }
	if [[ $text =~ $listed ]]; then
		text=${text// or / }
		echo "${text//,/}"
		return
	fi
	set=${set#guardian-}
	set=${set#proxy-}
	[[ $set == reporter ]] && set=through
	case $set in
	region) _sscard_regions "$1" ;;
	profile) _sscard_profiles "$1" ;;
	attest)
		# Of one who stands at a counter, not of a review.
		if [[ $3 == *identity* ]]; then
			echo identity
		else
			_sscard_manual "$1"
		fi
		;;
	*) _sscard_set "$1" "${set//-/_}" ;;
	esac
}

# COMMAND: the topics that the help names.
_sscard_topics() {
	"$1" --help 2>/dev/null | awk '/^Topics: / {
		n = split($0, words, /[^a-z]+/)
		for (i = 3; i <= n && words[i] != "of"; i++)
			if (words[i] != "or")
				print words[i]
	}'
}

# COMMAND: what it can be told to do, from the synopsis.
_sscard_verbs() {
	"$1" --help 2>/dev/null | awk '/^$/ { exit } {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^[a-z]+(\|[a-z]+)+$/) {
				gsub(/\|/, "\n", $i)
				print $i
			}
	}'
}

# COMMAND: the same of the word behind that.
_sscard_actions() {
	"$1" --help 2>/dev/null | awk '/^$/ { exit } {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^\[[a-z]+(\|[a-z]+)+\]$/) {
				$i = substr($i, 2, length($i) - 2)
				gsub(/\|/, "\n", $i)
				print $i
			}
	}'
}

# VERBS WORDS...: which of them is a verb; fails when none is.
_sscard_verb() {
	local verbs=" ${1//$'\n'/ } " word

	for word in "${@:2}"; do
		[[ $verbs == *" $word "* ]] && echo "$word" && return
	done
	return 1
}

_sscard_files() { # -f or -d, WORD
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# COMMAND OPTION WORD: its value; fails when the option has none.
_sscard_value() {
	local name letter value text before=

	# Not a tab, of which two would count as one.
	while IFS=$'\x1f' read -r name letter value text; do
		[[ $2 == "$name" || $2 == "$letter" ]] && break
	done < <(_sscard_options "$1" | tr '\t' '\037')
	[[ $2 == "$name" || $2 == "$letter" ]] && [[ $value ]] || return
	case $value in
	FILE) _sscard_files -f "$3" ;;
	DIR) _sscard_files -d "$3" ;;
	KIND=FILE)
		compopt -o nospace 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -S = -W \
			"$(_sscard_set "$1" document)" -- "$3")
		;;
	*)
		[[ $value == *,... && $3 == *,* ]] && before=${3%,*},
		mapfile -t COMPREPLY < <(compgen -P "$before" -W \
			"$(_sscard_words "$1" "$name" "$text")" \
			-- "${3#"$before"}")
		;;
	esac
}

_sscard() {
	local command=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local -a behind=("" "" "" "${COMP_WORDS[@]:0:COMP_CWORD}")
	local option=${behind[-1]} verbs verb

	COMPREPLY=()
	# Bash has cut words at "=".
	if [[ $word == = ]]; then
		word=
	elif [[ $option == = ]]; then
		option=${behind[-2]}
	elif [[ $option != -* ]]; then
		option=
	fi
	if [[ $option && $option != -* ]]; then
		_sscard_files -f "$word"
		return
	fi
	[[ $option ]] && _sscard_value "$command" "$option" "$word" && return
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_sscard_options \
			"$command" | awk -F '\t' '{ print $1, $2 }')" \
			-- "$word")
	elif [[ ${command##*/} == ss-guide && \
		! " ${COMP_WORDS[*]:1:COMP_CWORD-1} " =~ \ (documents|-)\  ]]
	then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_sscard_topics "$command")" -- "$word")
	elif verbs=$(_sscard_verbs "$command") && [[ $verbs ]]; then
		verb=$(_sscard_verb "$verbs" \
			"${COMP_WORDS[@]:1:COMP_CWORD-1}")
		if [[ $verb == operator ]]; then
			verbs=$(_sscard_actions "$command")
			verb=$(_sscard_verb "$verbs" \
				"${COMP_WORDS[@]:1:COMP_CWORD-1}")
		fi
		case $verb in
		'') mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word") ;;
		import) _sscard_files -f "$word" ;;
		*) [[ ${command##*/} == ss-softcard ]] &&
			_sscard_files -d "$word" ;;
		esac
	else
		_sscard_files -f "$word"
	fi
}

complete -F _sscard ss-guide ss-apply ss-verify ss-claim ss-notify ss-collect ss-report-loss ss-reissue ss-cancel ss-report ss-registry ss-softcard ss-key ss-encode ss-read ss-activate ss-setpin
