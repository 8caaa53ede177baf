#!/bin/sh
# Completion in the three shells themselves: what each offers for a line.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

completions=$SS_TOP/completions
mkdir box fish box/folder
touch box/photo.jpg
for bin in "$SS_BIN"/ss-*; do
	cp "$completions/sscard.fish" "fish/${bin##*/}.fish"
done

# The words of a line as bash cuts them, and the function that it calls.
cat >bash.sh <<'EOT'
source "$1"
read -r -a COMP_WORDS <<<"${2//=/ = }"
[[ $2 == *[\ =] ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=$(complete -p "${COMP_WORDS[0]}")
function=${function#*-F }
"${function%% *}"
printf '%s\n' "${COMPREPLY[@]}"
EOT

# An interactive zsh on a terminal of its own, which says when it can be typed
# to and writes down all that is given to compadd.
cat >zshrc <<'EOT'
PS1= PS2= RPS1= PROMPT_EOL_MARK=
autoload -Uz compinit
compinit -D -u
compadd() {
	local -a hits
	if [[ ${@[1,(i)(-|--)]} != *-[OAD]* ]]; then
		builtin compadd -A hits "$@"
		print -rl -- $hits >>hits
	fi
	builtin compadd "$@"
}
capture() {
	_main_complete
	compstate[insert]= compstate[list]=
	print -n DONE
}
zle -C capture list-choices capture
bindkey '^Y' capture
zle-line-init() { print -n READY; }
zle -N zle-line-init
EOT
cat >zsh.sh <<'EOT'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "fpath=(${(q)1} \$fpath); source ${(q)2}"
zpty -r -m z out '*READY*'
zpty -w -n z "$3"$'\C-Y'
zpty -r -m z out '*DONE*'
zpty -d z
EOT

offers() { # SHELL LINE: what it offers in box, sorted, on one line
	case $1 in
	bash) timeout 60 bash --norc "$W/bash.sh" "$completions/sscard.bash" \
		"$2" ;;
	zsh)
		rm -f hits
		timeout 60 zsh -f "$W/zsh.sh" "$completions" "$W/zshrc" \
			"$2" >&2
		cat hits
		;;
	fish)
		# shellcheck disable=SC2016 # fish expands them
		timeout 60 fish --no-config -c '
		set -g fish_complete_path $argv[1]
		complete -C $argv[2]' "$W/fish" "$2" | cut -f 1
		;;
	esac 2>"$W/err" | sed 's/[=/]$//; s/^--photo=//; s/^identity=//; s/.*,//' |
		sort -u | tr -s '\n' ' ' | sed 's/^ //; s/ $//'
}

try() { # LINE WANT
	for shell in bash zsh fish; do
		is "$shell: $1" "$(offers $shell "$1")" "$2"
		_show err "$W/err"
	done
}

manual=$(jq -r '.review.manual[]?' "$SSCARD_DATA"/policies/*.json | sort -u |
	tr '\n' ' ')
regions=$(find "$SSCARD_DATA/policies" -name '44*.json' -exec \
	basename {} .json \; | sort | tr '\n' ' ')
id_types=$(jq -r '.id_type | keys[]' "$SSCARD_DATA/words.json" | sort |
	tr '\n' ' ')
kinds=$(jq -r '.document | keys[]' "$SSCARD_DATA/words.json" | sort |
	tr '\n' ' ')
channels=$(jq -r '.channel | keys[]' "$SSCARD_DATA/words.json" | sort |
	tr '\n' ' ')
reporters=$(jq -r '.through | keys[]' "$SSCARD_DATA/words.json" | sort |
	tr '\n' ' ')

cd box || exit 1
try 'ss-apply --gua' '--guardian-id-number --guardian-id-type --guardian-name --guardian-phone --guardian-relation'
try 'ss-verify --at' '--attest'
try 'ss-guide --format ' 'html json markdown text'
try 'ss-guide --lang ' 'en zh'
try 'ss-apply --encoding ' 'gb18030 utf-8'
try 'ss-notify --channel ' 'mail record sms'
try 'ss-notify --lang ' 'en zh'
try 'ss-notify --out ' 'folder'
try 'ss-guide ' 'apply documents functions loss rights use'
try 'ss-guide documents p' 'photo.jpg'
try 'ss-apply --photo p' 'photo.jpg'
try 'ss-apply --photo=p' 'photo.jpg'
try 'ss-apply p' 'photo.jpg'
try 'ss-apply --files ' 'folder'
try 'ss-apply --document ' "${kinds% }"
try 'ss-apply --document identity=p' 'photo.jpg'
try 'ss-apply --guardian-id-type ' "${id_types% }"
try 'ss-verify --attest ' "${manual% }"
try 'ss-verify --attest face,like' 'likeness'
try 'ss-apply -R 44' "${regions% }"
try 'ss-apply --employer-code ' ''
try 'ss-apply --trust p' 'photo.jpg'
try 'ss-verify --op' '--operator --operator-fd'
try 'ss-verify --operator-fd ' ''
try 'ss-setpin --tr' '--trace --trust'
try "ss-registry " "audit export history import list show"
try "ss-registry --state x -g none h" "history"
try "ss-registry import p" "photo.jpg"
try "ss-registry -g none import p" "photo.jpg"
try "ss-registry show p" ""
try "ss-registry --sta" "--state --station --status"
try "ss-registry --ch" "--checkpoint"
try "ss-registry --against p" "photo.jpg"
try "ss-registry --checkpoint p" "photo.jpg"
try 'ss-softcard ' 'eject hook insert list new reset show'
try 'ss-softcard new ' 'folder'
try 'ss-softcard show f' 'folder'
try 'ss-softcard --profile ' 'gen1 gen2 gen3'
try 'ss-report ' 'losses reconcile stats stock'
try 'ss-report losses p' ''
try 'ss-report --format ' 'csv json text'
try 'ss-report --by ' 'city county province'
try 'ss-report --mark p' 'photo.jpg'

try "ss-claim --he" "--held --help"
try "ss-claim p" "photo.jpg"
try "ss-report-loss --kind " "formal release temporary"
try "ss-report-loss --channel " "${channels% }"
try "ss-report-loss --reporter " "${reporters% }"
try "ss-report-loss --card " ""
try "ss-report-loss p" "photo.jpg"
try 'ss-reissue --reason ' 'damaged data-change expiring lost'
try 'ss-cancel --reason e' 'emigration error'
try 'ss-collect --reason ' ''
try 'ss-activate --attest ' 'identity'
try 'ss-setpin --attest ' 'identity'
try 'ss-report-loss --attest ' 'identity'
try 'ss-setpin --re' '--reader --region --registry --rejects --reset'
try 'ss-report-loss --un' '--unlock'
try 'ss-collect p' 'photo.jpg'
try 'ss-encode --re' '--reader --region --registry --rejects --release'
try 'ss-encode --profile ' 'gen1 gen2 gen3'
try 'ss-encode p' 'photo.jpg'
try 'ss-read --trace p' 'photo.jpg'
try 'ss-read --photo=p' 'photo.jpg'
try 'ss-read p' 'photo.jpg'
try 'ss-key ' 'import list operator passwd serve test'
try 'ss-key operator ' 'export import list new revoke'
try 'ss-key operator r' 'revoke'
try 'ss-key operator import p' 'photo.jpg'
try 'ss-key operator revoke p' ''
try 'ss-key --role c' 'clerk counter'
try 'ss-key --algorithm ' 'p256 sm2'
try 'ss-key --trust p' 'photo.jpg'
try 'ss-key --allow p' 'photo.jpg'
try 'ss-key --log p' 'photo.jpg'
try 'ss-key --key ' 'BK IRK PUK RKSSSE STK UKSSSE'
try 'ss-key --cipher ' '3des sm4'
try 'ss-key --level p' 'province'

# Without jq there are no words of the data, and no complaint.
mkdir "$W/few"
for tool in bash zsh fish awk sed sort cut cat tr rm timeout dirname; do
	ln -s "$(command -v "$tool")" "$W/few"
done
PATH=$SS_BIN:$W/few
try 'ss-apply --sex ' ''
try 'ss-apply --collection ' 'person post'
PATH=$SS_BIN:$SS_TOOLS:/usr/bin:/bin
cd "$W" || exit 1

# What cannot be completed here are names that are not installed.
for bin in "$SS_BIN"/ss-*; do
	name=${bin##*/}
	ok "zsh: $name is in #compdef" \
		grep -q "^#compdef.* $name\b" "$completions/_sscard"
	ok "bash: $name is completed" \
		grep -q "^complete .* $name\b" "$completions/sscard.bash"
done

done_testing
