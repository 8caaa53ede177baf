/*
 * A key store served to one client, which asks on standard input and is
 * answered on standard output.
 */
#ifndef SS_FRONT_SERVE_H
#define SS_FRONT_SERVE_H

#include "front/keys.h"
#include "trust/service.h"

/*
 * Opens the store and serves until the client hangs up, and returns 0. The
 * files of setup, whose keys are not looked at, are opened before a passphrase
 * is asked for. The codes of ss_service_open, ss_keys_look, and SS_EIO for a
 * log that cannot be written any more.
 */
int ss_serve(struct ss_keys *, struct ss_service_setup *);

#endif
