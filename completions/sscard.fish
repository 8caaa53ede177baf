# fish completion for the commands of sscard(7).
#
# Options, the names of their values and, where the help lists them, the words
# that are values come from COMMAND --help, when the first word is completed;
# other words from the data, by jq where there is one.

# COMMAND: a line an option: --name, -letter, value, help, with tabs between.
function __sscard_options
    $argv[1] --help 2>/dev/null | awk '
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
end

# COMMAND: the folder of its data.
function __sscard_data
    if test -n "$SSCARD_DATA"
        echo $SSCARD_DATA
    else
        echo (dirname (command -s $argv[1]))/../share/sscard
    end
end

# COMMAND SET: the words of a set of words.json.
function __sscard_set
    command -sq jq; and jq -r --arg set $argv[2] \
        '.[$set] // {} | to_entries[] | "\(.key)\t\(.value.en)"' \
        (__sscard_data $argv[1])/words.json 2>/dev/null
end

# COMMAND --OPTION HELP: the words that its value may be.
function __sscard_words
    set -l text (string replace -r '^of [^:]*: ' '' -- $argv[3] |
        string replace -r ' \(.*' '')
    set -l listed '^([A-Za-z0-9-]+, )*[A-Za-z0-9-]+ or [A-Za-z0-9-]+$'
    if string match -qr -- $listed $text
        string replace -a ' or ' ', ' -- $text | string split ', '
        return
    end
    set -l files (__sscard_data $argv[1])/policies/*.json
    set -l name (string replace -r '^--(guardian-|proxy-)?' '' -- $argv[2])
    switch $name
        case region
            string replace -rf '.*/([0-9]+)\.json$' '$1' -- $files
        case profile
            set -l profiles (__sscard_data $argv[1])/profiles/*.json
            string replace -rf '.*/(.+)\.json$' '$1' -- $profiles
        case attest
            # Of one who stands at a counter, not of a review.
            if string match -q '*identity*' -- $argv[3]
                echo identity
                return
            end
            set -l checks (command -sq jq
                and jq -r '.review.manual[]?' $files 2>/dev/null | sort -u)
            set -l before (string match -r '.*,' -- (commandline -ct))
            printf '%s\n' "$before"$checks
        case reporter
            __sscard_set $argv[1] through
        case '*'
            __sscard_set $argv[1] (string replace -a - _ -- $name)
    end
end

# COMMAND: kinds of documents, then the file of one.
function __sscard_documents
    set -l word (commandline -ct | string replace -r '^--document=' '')
    if string match -q '*=*' -- $word
        set -l kind (string replace -r '=.*' '=' -- $word)
        set -l files (__fish_complete_path \
            (string replace -r '^[^=]*=' '' -- $word))
        test -n "$files"; and printf "$kind%s\n" $files
    else
        __sscard_set $argv[1] document | string replace \t =\t
    end
end

# COMMAND: the topics that the help names.
function __sscard_topics
    $argv[1] --help 2>/dev/null | awk '/^Topics: / {
		n = split($0, words, /[^a-z]+/)
		for (i = 3; i <= n && words[i] != "of"; i++)
			if (words[i] != "or")
				print words[i]
	}'
end

# COMMAND: what it can be told to do, from the synopsis.
function __sscard_verbs
    $argv[1] --help 2>/dev/null | awk '/^$/ { exit } {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^[a-z]+(\|[a-z]+)+$/) {
				gsub(/\|/, "\n", $i)
				print $i
			}
	}'
end

# The same of the word behind that.
function __sscard_actions
    $argv[1] --help 2>/dev/null | awk '/^$/ { exit } {
		for (i = 1; i <= NF; i++)
			if ($i ~ /^\[[a-z]+(\|[a-z]+)+\]$/) {
				$i = substr($i, 2, length($i) - 2)
				gsub(/\|/, "\n", $i)
				print $i
			}
	}'
end

function __sscard_complete -a command
    complete -c $command -e
    for line in (__sscard_options $command)
        set -l row (string split \t -- $line)
        set -l spec -l (string sub -s 3 -- $row[1]) -d $row[4]
        test -n "$row[2]"; and set -a spec -s (string sub -s 2 -- $row[2])
        switch $row[3]
            case ''
            case FILE
                set -a spec -r -F
            case DIR
                set -a spec -x -a '(__fish_complete_directories)'
            case KIND=FILE
                set -a spec -x -a "(__sscard_documents $command)"
            case '*'
                set -a spec -x -a "(__sscard_words $command $row[1] "(
                    string escape -- $row[4])")"
        end
        complete -c $command $spec
    end
    if test $command = ss-guide
        complete -c $command -n 'not __fish_seen_subcommand_from documents' \
            -f -a "(__sscard_topics $command)"
    end
    set -l verbs (__sscard_verbs $command)
    if test -n "$verbs"
        complete -c $command -n "not __fish_seen_subcommand_from $verbs" \
            -f -a "$verbs"
        set -l folders
        test $command = ss-softcard
        and set folders -a '(__fish_complete_directories)'
        complete -c $command -n "__fish_seen_subcommand_from $verbs;
            and not __fish_seen_subcommand_from import" -f $folders
        set -l actions (__sscard_actions $command)
        test -n "$actions"
        and complete -c $command -n "__fish_seen_subcommand_from operator;
            and not __fish_seen_subcommand_from $actions" -f -a "$actions"
    end
end

# It is installed under the name of each command.
set -l name (string replace -r '.*/(.*)\.fish$' '$1' -- (status filename))
switch $name
    case 'ss-*'
        __sscard_complete $name
    case '*'
        for name in ss-guide ss-apply ss-verify ss-claim ss-notify ss-collect ss-report-loss ss-reissue ss-cancel ss-report ss-registry ss-softcard ss-key ss-encode ss-read ss-activate ss-setpin
            __sscard_complete $name
        end
end
