# What the tests of cards begin with, to be sourced after lib.sh: a register,
# forms, and cards brought to where they are wanted. Each reads records or a
# form from standard input and writes what comes of them.

# shellcheck shell=sh
# shellcheck disable=SC2317 # reached by those who source it
export SSCARD_REGISTRY="sqlite:$W/registry.db"
export SSCARD_OPERATOR=wang SSCARD_STATION=d1
NOW='2026-03-02 01:00:00'	# UTC; a Monday, 09:00 in China
make-photo >p.jpg
for name in one relation letter paper; do
	echo "$name" >"$name.pdf"
done
form() { # ID NUMBER [JQ]: a form
	jq -nc --arg id "$1" --arg n "$2" '{id: $id, region: "110101",
	    person: {name: "张三", id_number: $n, id_until: "长期",
	    phone: "13800138000", address: "东城区1号"}, photo: "p.jpg",
	    documents: {identity: "one.pdf"}}'" ${3:-}"
}
approve() {
	at "$NOW" ss-apply -q |
	    at "$NOW" ss-verify -q -o li --attest likeness,bareheaded,face
}
make() {
	at "$NOW" make-card
}
collect() { # by the holders themselves
	jq -c '.collector = {id_type: .person.id_type,
	    id_number: .person.id_number, id_until: "长期"}' |
	    at "$NOW" ss-collect -q
}
in_use() { # forms become cards in use
	approve | make | collect | at "$NOW" activate -q
}
# Pipes begin all at once, and most commands need a register that is there.
ss-apply -q </dev/null
report_lost() { # formally
	at "$NOW" take-step lose
}
now() { # ID...: the records as the register has them
	for _id in "$@"; do
		ss-registry show "$_id"
	done
}
where() { # ID...: state and card's status, by the last event
	for _id in "$@"; do
		ss-registry history "$_id" | tail -n 1
	done
}
stock() { # ID: what became of its plastic
	ss-registry export | jq -r --arg id "$1" \
	    'select(.table == "card" and .id == $id) | .stock'
}
said() { # the error of each record in out
	jq -r 'select(.error) | .error | .code + ": " + .message' "$W/out"
}
