/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates and the private key of HTTPS. The key is held as the keys of SAs are: wiped after use. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/secret.h"
#include "daemon/http_priv.h"

#define PEM_MAX (1u << 20)

static int load_pem(const struct ipso_config *cfg, const char *name, const char *what,
		    bool is_secret, char **ret_text, struct why *why)
{
	char path[PATH_MAX];
	int err = config_key_path(cfg, name, path);
	size_t len;

	if (err < 0)
		return why_set(why, err, "%s %s", what, name);
	if (is_secret)
		return secret_read_file(path, PEM_MAX, ret_text, &len, why);
	err = file_read(path, PEM_MAX, ret_text, NULL);
	return err < 0 ? why_set(why, err, "%s %s: cannot be read", what, path) : 0;
}

int http_tls_load(struct http_tls *t, const struct ipso_config *cfg, struct why *why)
{
	const struct cfg_tls *c = &cfg->metrics.tls;
	int err;

	if (!cfg->metrics.has_tls)
		return 0;
	err = load_pem(cfg, c->certificate, "certificate", false, &t->certificate, why);
	if (!err)
		err = load_pem(cfg, c->key_file, "key file", true, &t->key, why);
	if (!err && c->client_ca)
		err = load_pem(cfg, c->client_ca, "client-ca", false, &t->client_ca, why);
	return err;
}

void http_tls_free(struct http_tls *t)
{
	if (t->key)
		secret_wipe(t->key, strlen(t->key));
	free(t->key);
	free(t->certificate);
	free(t->client_ca);
	*t = (struct http_tls){};
}

/* A certificate for servers is none of a client, be it of the same authority. */
bool http_tls_verified(struct MHD_Connection *c)
{
	gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID,
					 (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT, 0};
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	unsigned int status = 0, n = 0;

	return session && gnutls_certificate_get_peers(session, &n) && n &&
	       gnutls_certificate_verify_peers(session, &purpose, 1, &status) == 0 && status == 0;
}
