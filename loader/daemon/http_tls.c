/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and the private key of HTTPS. What was read here is wiped after use; GnuTLS has the key in
 * its memory as long as it serves, which no core dump shows (main.c), and leaves what it decoded it from.
 */
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

static gnutls_datum_t datum(char *text)
{
	return (gnutls_datum_t){(unsigned char *)text, (unsigned int)strlen(text)};
}

/* libmicrohttpd would say no more than that it cannot start. */
static int try_pems(const struct http_tls *t, const struct cfg_tls *c, struct why *why)
{
	gnutls_datum_t cert = datum(t->certificate), key = datum(t->key);
	gnutls_certificate_credentials_t cred;
	int err = gnutls_certificate_allocate_credentials(&cred);

	if (err < 0)
		return why_set(why, -ENOMEM, "certificates");
	err = gnutls_certificate_set_x509_key_mem(cred, &cert, &key, GNUTLS_X509_FMT_PEM);
	if (err < 0)
		why_set(why, -EINVAL, "certificate %s and key-file %s are no pair in PEM: %s",
			c->certificate, c->key_file, gnutls_strerror(err));
	if (err >= 0 && t->client_ca) {
		gnutls_datum_t ca = datum(t->client_ca);

		err = gnutls_certificate_set_x509_trust_mem(cred, &ca, GNUTLS_X509_FMT_PEM);
		if (err <= 0) {
			err = -1;
			why_set(why, -EINVAL, "client-ca %s: no certificate in PEM", c->client_ca);
		}
	}
	gnutls_certificate_free_credentials(cred);
	return err < 0 ? -EINVAL : 0;
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
	return err < 0 ? err : try_pems(t, c, why);
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
