#!/bin/sh
# Software cards made, listed, shown, spoiled and made anew; the reader they
# are put into is in softcard.t.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# What jq has of a card.
of() { # CARD JQ
	ss-softcard show "$1" | jq -c "$2" | sed 's/^"\(.*\)"$/\1/'
}

# --- new
ok 'a blank card' ss-softcard new card
is 'says nothing' "$(cat out err)" ''
is 'of the third generation' "$(of card .profile)" gen3
like 'its identifier' "$(of card .identifier)" \
    '^440300d156000005[0-9a-f]{8}ffffffff$'
like 'its ATR' "$(of card .atr)" '^3b6d000053534f533153434403[0-9a-f]{8}$'
is 'its version' "$(of card .files.EF05.version)" 0304332e3030
is 'the rest is empty' "$(of card .files.EF06.name)" \
    "091e$(printf 'f%060d' 0 | tr 0 f | cut -c2-)"
is 'a photo of 4096 bytes' "$(of card '.files.EF08 | length')" 8192
is 'only for its owner' "$(find card -printf '%m\n' | sort | xargs)" \
    '600 600 700'
status 'never over another' 3 ss-softcard new card
like 'which is said' "$(cat err)" '^ss-softcard: card is there already$'
ok 'another one' ss-softcard new other
not_ok 'has another serial' test "$(of card .serial)" = "$(of other .serial)"
ok 'all that can be said' ss-softcard --profile gen1 -R 22 --serial 255 \
    --ta1 96 --t1 --key-version 200 --fill 00 --link T1,18,ifs=32 new old
is 'is kept' "$(of old '[.profile, .region, .serial, .ta1, .t1,
    .key_version, .fill, .link.ifs, .files.EF05.issued, .identifier]')" \
    '["gen1","220000",255,150,true,200,0,32,"050400000000","220000d156000005000000ffffffffff"]'
like 'its ATR' "$(of old .atr)" \
    '^3bfd9600008131fe4553534f53315343220000''0000ff[0-9a-f]{2}$'
ok 'several' ss-softcard --count 3 --serial 9 new box
is 'by number' "$(ss-softcard list box | jq -r '"\(.card) \(.serial)"' |
    xargs)" 'box/0001 9 box/0002 10 box/0003 11'
status 'not again' 3 ss-softcard --count 3 new box
ok 'a feeder' ss-softcard --feeder --count 2 new feeder
ok 'with its folders' test -d feeder/in/0002 -a -d feeder/out
mv feeder/in/0001 feeder/out/
is 'is listed whole' "$(ss-softcard list feeder box/0001 | jq -r .card |
    xargs)" 'feeder/in/0002 feeder/out/0001 box/0001'
mkdir empty
is 'an empty folder has none' "$(ss-softcard list empty)" ''

# --- wrong use
status 'no verb' 2 ss-softcard
status 'nor folder' 2 ss-softcard new
status 'another verb' 2 ss-softcard sell card
status 'another profile' 2 ss-softcard --profile gen9 new x
like 'which lists those there are' "$(cat err)" 'gen1.*gen2.*gen3'
status 'another region' 2 ss-softcard -R 123 new x
status 'TA1' 2 ss-softcard --ta1 9 new x
status 'fill' 2 ss-softcard --fill 33 new x
status 'wire' 2 ss-softcard --link T0 new x
status 'hook' 2 ss-softcard --lie 3 hook card
not_ok 'and nothing is made' test -e x
status 'a folder that is no card' 3 ss-softcard show empty
like 'which is said' "$(cat err)" 'empty is no card'
status 'none at all' 3 ss-softcard show nowhere
status 'nor to list' 3 ss-softcard list nowhere
status 'no reader' 3 ss-softcard --port 1 insert card
like 'which is said' "$(cat err)" \
    'cannot reach the virtual reader at port 1: Connection refused'
ok 'and the card is free' ss-softcard show card
ok 'one that is in no reader' ss-softcard eject card
like 'is said' "$(cat err)" 'card was in no reader'
status 'one that is not there' 3 ss-softcard eject nowhere

# --- hooks, copies, resets
ok 'hooks' ss-softcard --leave 3 --lie 2=6f00 --tear 1 hook card
is 'wait' "$(of card .hooks)" \
    '[{"do":"leave","n":3},{"do":"lie","n":2,"answer":"6f00"},{"do":"tear","n":1}]'
ok 'a wire' ss-softcard --link T0,96 hook card
is 'is set' "$(of card .link.ta1)" 150
ok 'and taken away' ss-softcard --clear --link none hook card
is 'all of it' "$(of card '[.hooks, .link]')" '[[],null]'
cp -r card copy
is 'a copy is the same card' "$(ss-softcard show copy | jq -cS 'del(.card)')" \
    "$(ss-softcard show card | jq -cS 'del(.card)')"
printf 'x' | dd of=copy/memory bs=1 seek=22 conv=notrunc status=none
is 'a change of its memory is seen' "$(of copy .pin.tries)" 120
ok 'a reset' ss-softcard reset copy
is 'makes it as it was' "$(ss-softcard show copy | jq -cS 'del(.card)')" \
    "$(ss-softcard show card | jq -cS 'del(.card)')"

# --- in use
flock card sh -c 'ss-softcard list card; ss-softcard show card' >out 2>err
is 'a card in use is listed' "$(jq -c '[.card, .profile, .in_use]' out)" \
    '["card","gen3",true]'
like 'and not shown' "$(cat err)" 'the card card is in use'
done_testing
