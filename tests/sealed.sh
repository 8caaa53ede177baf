# What the tests of seals at work begin with, to be sourced after cards.sh and
# chips.sh: a region that requires seals, operators with keys, and ways to work
# as one of them.

# shellcheck shell=sh
# shellcheck disable=SC2317 # reached by those who source it
unset SSCARD_OPERATOR
export SSCARD_TRUST="$W/trust"
own_policy '.seals.required = true'
jq .seals.roles "$SSCARD_DATA/policies/00.json" >roles.json

operator() { # NAME ROLE REGION [OPTION...]: a key, in NAME.key, and trusted
	_name=$1 _role=$2 _where=$3
	shift 3
	ss-key operator new "$_name" -o "file:$W/$_name.key" --role "$_role" \
	    -R "$_where" --from 2026-01-01 --operator-fd 5 "$@" 5<pass \
	    >/dev/null
}
( umask 077 && echo 'a passphrase of the tests' >pass )
operator wang clerk 11 || exit 1
operator li reviewer 110101
operator zhao maker 11 --algorithm p256
operator chen counter 1101
operator sun manager 00
operator ma reviewer 2201
operator old clerk 11 --until 2026-02-01
operator young clerk 11 --from 2026-04-01
operator both clerk 11 --role reviewer
operator gone clerk 11
operator stranger reviewer 11 --trust "$W/elsewhere"

as() { # NAME COMMAND...: by that operator's key
	_name=$1
	shift
	at "$NOW" "$@" -o "file:$W/$_name.key" --operator-fd 5 5<"$W/pass"
}
card_as() { # NAME COMMAND...: the same, with the master keys
	_name=$1
	shift
	secret as "$_name" "$@"
}
steps() { # FILE: the steps that are sealed, and by whom
	jq -r '[.seals[]? | .step + " " + .operator] | join(", ")' "$1"
}
sound() { # TEXT FILE...: the independent checker takes the records
	_what=$1
	shift
	cat "$@" >sound.in
	is "$_what: sound to the other implementation" "$(
	    python3 "$SS_TOP/tests/seals.py" --required --other-than-clerk \
	    --roles roles.json "$SSCARD_TRUST" <sound.in | sort | uniq -c | xargs)" \
	    "$(wc -l <sound.in) ok"
}
refused() { # TEXT CODE PATTERN STATUS COMMAND...
	_what=$1 _code=$2 _pattern=$3 _want=$4
	shift 4
	status "$_what: the status" "$_want" "$@"
	case $_want in
	1) like "$_what" "$(said)" "^$_code: .*$_pattern" ;;
	*) like "$_what" "$(cat err)" "$_pattern" ;;
	esac
}
review() { # NAME [ARGUMENT...]
	_by=$1
	shift
	as "$_by" ss-verify -q --attest likeness,bareheaded,face "$@"
}

