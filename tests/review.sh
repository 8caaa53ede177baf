# What the tests of ss-verify begin with, to be sourced after lib.sh: a fixed
# day, one good application in $W/applied, and a way to run the command.

# shellcheck shell=sh
# shellcheck disable=SC2317 # reached by those who source it
NOW='2026-03-01 09:00:00'	# UTC
n=$(citizen 110101 19900307 881)
make-photo >p.jpg
printf one >one.pdf
jq -nc --arg n "$n" '{id: "A", person: {name: "张三", id_number: $n,
    id_until: "长期", phone: "13800138000", address: "东城区1号"},
    photo: "p.jpg", documents: {identity: "one.pdf"}}' >form
at "$NOW" ss-apply -o wang --station d1 form >applied
manual() { # FILE: the answers of the manual checks
	jq -r '[.review.checks[] | select(.check == ("likeness", "bareheaded",
	    "face", "originals")) | "\(.check) \(.ok) \(.by)"] | join(", ")' "$1"
}
said() { # the error of each record in out
	jq -r '.error | .code + ": " + .message' "$W/got"
}
run() { # STATUS ARGUMENTS...: ss-verify, to got and log
	_want=$1
	shift
	status "status of ss-verify $*" "$_want" at "$NOW" ss-verify "$@"
	cp "$W/out" "$W/got"
	cp "$W/err" "$W/log"
}
