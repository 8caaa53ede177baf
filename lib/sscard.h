/*
 * The map of the library: every header, in the order in which they may use
 * each other. A file uses only what stands above it, a folder only the folders
 * above it; tests/house.t holds them to it.
 */
#ifndef SS_SSCARD_H
#define SS_SSCARD_H

/* base: what everything stands on */
#include "base/err.h"		/* codes and their sentence */
#include "base/bytes.h"		/* growing buffers, mapped and whole files */
#include "base/text.h"		/* UTF-8, hexadecimal, base64, iconv */
#include "base/time.h"		/* instants, civil days, periods */
#include "base/mail.h"		/* one message by RFC 5322 */
#include "base/crypto.h"	/* OpenSSL's home: SM3, ciphers, random */
#include "base/crypto_own.h"	/* its homes' own */
#include "base/sign.h"		/* SM2 and P-256 signatures */
#include "base/sign_own.h"	/* the signatures' own */
#include "base/uuid.h"		/* ids that ascend */
#include "base/json.h"		/* jansson's home: values read and written */
#include "base/record.h"	/* one line, changed by splicing */
#include "base/record_own.h"	/* a record's own */
#include "base/input.h"		/* bytes of files, by read and pselect */
#include "base/line.h"		/* lines of a bounded length */
#include "base/csv.h"		/* libcsv's home: rows */
#include "base/table.h"		/* rows as text, CSV, JSON Lines */
#include "base/pool.h"		/* threads that share out an array */
#include "base/child.h"		/* one command of the shell, fed */
#include "base/child_own.h"	/* the commands' own */
#include "base/talk.h"		/* a command that answers, line by line */
#include "base/stream.h"	/* the one loop of every filter */
#include "base/stream_own.h"	/* the loop's own */
#include "base/seen.h"		/* what stood earlier in the run */
#include "base/files.h"		/* photos and documents by their digest */

/* cli: what only commands use */
#include "cli/command.h"	/* a command, its option table */
#include "cli/help.h"		/* synopsis and --help */
#include "cli/options.h"	/* parsing, usage errors, defaults */
#include "cli/progress.h"	/* how far a long run has come */
#include "cli/secret.h"		/* passphrases, PINs, components */
#include "cli/run.h"		/* signals, rejects, summary, exit status */

/* rules: the citizen and the region's rules */
#include "rules/words.h"	/* the vocabulary and its labels */
#include "rules/region.h"	/* GB/T 2260, past and present */
#include "rules/idnum.h"	/* numbers of identity documents */
#include "rules/exif.h"		/* libexif's home */
#include "rules/photo.h"	/* libjpeg's home: photos measured */
#include "rules/photo_backdrop.h"	/* the photo's own */
#include "rules/photo_reduce.h"	/* made to fit a card */
#include "rules/schema.h"	/* the members of a policy */
#include "rules/policy.h"	/* policies, inherited */
#include "rules/pin.h"		/* PINs too easy to guess */
#include "rules/calendar.h"	/* working days; periods from an instant */
#include "rules/card_number.h"	/* numbers of cards, GB 11714 */
#include "rules/document.h"	/* which documents, which number */
#include "rules/entry.h"	/* one entry in its normal form */
#include "rules/form.h"		/* the fields of an application */
#include "rules/sheet.h"	/* CSV of applications */
#include "rules/check.h"	/* the checks of a review */
#include "rules/figure.h"	/* members as people read them */
#include "rules/page.h"		/* text, Markdown, HTML, JSON */
#include "rules/guide.h"	/* what the region publishes */
#include "rules/guide_job.h"	/* the guide's own */
#include "rules/notice.h"	/* what an applicant is told */
#include "rules/notice_job.h"	/* the notices' own */

/* chip: codings and layouts, no input or output */
#include "chip/tlv.h"		/* data objects: BER-TLV, the card's records */
#include "chip/apdu.h"		/* commands, responses, what follows them */
#include "chip/status.h"	/* status words, their code and phrase */
#include "chip/arithmetic.h"	/* keys, authentication data, MACs */
#include "chip/atr.h"		/* answers to reset */
#include "chip/profile.h"	/* kinds of cards, as data */
#include "chip/profile_own.h"	/* the profiles' own */
#include "chip/item.h"		/* items as text and as bytes */

/* trust: keys and provenance */
#include "trust/test_keys.h"	/* keys that everybody knows */
#include "trust/components.h"	/* a key from the parts of several people */
#include "trust/keystore.h"	/* master keys, used and not shown */
#include "trust/pkcs11.h"	/* tokens: PKCS#11 and its URIs */
#include "trust/pkcs11_own.h"	/* the tokens' own */
#include "trust/keystore_own.h"	/* the stores' own */
#include "trust/keystore_wire.h"	/* what is said to a helper */
#include "trust/allow.h"	/* what a client may have done */
#include "trust/service.h"	/* a helper, seen from within */
#include "trust/operators.h"	/* who is known by which key */
#include "trust/signer.h"	/* an operator's private key */
#include "trust/signer_own.h"	/* the signers' own */
#include "trust/merkle.h"	/* one root for many */
#include "trust/seal.h"		/* who brought a record to what it says */
#include "trust/seal_own.h"	/* the seals' own */

/* softcard: a card in software, and where it is put in */
#include "softcard/link.h"	/* what the wire takes */
#include "softcard/softcard.h"	/* its operating system */
#include "softcard/softcard_own.h"	/* the software card's own */
#include "softcard/stock.h"	/* many cards, and feeders */
#include "softcard/vpcd.h"	/* plugged into a virtual reader */
#include "softcard/insert.h"	/* the process that keeps it there */

/* card: a chip in a reader */
#include "card/watch.h"		/* a session's thread, and its deadline */
#include "card/trace.h"		/* what was said, masked */
#include "card/reader.h"	/* PC/SC and software readers */
#include "card/reader_own.h"	/* the readers' own */
#include "card/session.h"	/* which card; authenticated, read, written */
#include "card/session_own.h"	/* the session's own */
#include "card/pin.h"		/* PIN, and the issuer's orders */

/* books: what is true */
#include "books/life.h"		/* states and the steps between them */
#include "books/entry.h"	/* an application and its events */
#include "books/registry.h"	/* what there is, looked at */
#include "books/registry_sql.h"	/* tables and statements */
#include "books/registry_engine.h"	/* what an engine does */
#include "books/registry_own.h"	/* the register's own */
#include "books/registry_sqlite.h"	/* SQLite's file */
#include "books/registry_pg.h"	/* PostgreSQL's connection */
#include "books/station.h"	/* numbers without a gap, actions */
#include "books/store.h"	/* steps stored */
#include "books/claim.h"	/* leases on what is to be made */
#include "books/job.h"		/* a card in the making */
#include "books/audit.h"	/* chains, numbers, digests */
#include "books/export.h"	/* the whole register as JSON Lines */
#include "books/report.h"	/* what an administration counts */
#include "books/report_own.h"	/* the reports' own */

/* desk: where a record is worked on */
#include "desk/desk.h"		/* who works where, with what rules */
#include "desk/proof.h"		/* what seals prove */
#include "desk/checkpoint.h"	/* what a register held, signed */
#include "desk/auditing.h"	/* seals and checkpoints in the audit */
#include "desk/auditing_own.h"	/* that audit's own */
#include "desk/step.h"		/* the one way of every change */
#include "desk/task.h"		/* a task on what the register has */
#include "desk/pick.h"		/* records taken from the register */
#include "desk/attach.h"	/* photo and documents into the store */
#include "desk/apply.h"		/* ss-apply */
#include "desk/decisions.h"	/* a reviewer's answers */
#include "desk/review.h"	/* ss-verify */
#include "desk/info.h"		/* ss-guide */
#include "desk/claiming.h"	/* ss-claim */
#include "desk/collect.h"	/* ss-collect */
#include "desk/loss.h"		/* ss-report-loss */
#include "desk/reissue.h"	/* ss-reissue */
#include "desk/cancel.h"	/* ss-cancel */
#include "desk/activation.h"	/* a card becomes the live one */
#include "desk/notify.h"	/* ss-notify */
#include "desk/terminal.h"	/* the reader at a desk */
#include "desk/tries.h"		/* keys and PINs by their tries */
#include "desk/perso.h"		/* ss-encode */
#include "desk/perso_own.h"	/* the making's own */
#include "desk/counter.h"	/* a card shown at a counter */
#include "desk/lock.h"		/* ss-report-loss --lock */
#include "desk/activate.h"	/* ss-activate */
#include "desk/setpin.h"	/* ss-setpin */
#include "desk/reading.h"	/* ss-read */
#include "desk/reading_own.h"	/* the reading's own */

/* front: commands that are filters at a desk */
#include "front/who.h"		/* the operator, by name or key */
#include "front/front.h"	/* from the options to the status */
#include "front/keys.h"		/* key stores, ceremonies */
#include "front/serve.h"	/* a key store served to one client */
#include "front/key_work.h"	/* ss-key: one call */
#include "front/key_masters.h"	/* ss-key: master keys */
#include "front/key_operators.h"	/* ss-key operator */
#include "front/key_operators_own.h"	/* its own */
#include "front/chip.h"		/* the reader of the options */
#include "front/counter.h"	/* a card at a counter */
#include "front/audit.h"	/* ss-registry audit */

#endif
