/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may ask over HTTP: on a unix socket by the peer's group, at an address by a token or a
 * certificate where one is configured. Without TLS the name that is asked for has to be ours: a page
 * of somebody else whose name was made to lead here (DNS rebinding) asks for its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/secret.h"
#include "daemon/http_priv.h"

int http_access_load(struct http_access *a, const struct ipso_config *cfg,
		     const struct readers *readers, struct why *why)
{
	const struct cfg_metrics *m = &cfg->metrics;
	char path[PATH_MAX];
	int err;

	*a = (struct http_access){
		.on_socket = config_on_socket(m),
		.names = !m->has_tls && !config_on_socket(m),
		.local = !m->has_tls,
		.cert = m->tls.client_ca != NULL,
		.readers = *readers,
	};
	if (!m->token_file)
		return 0;
	err = config_key_path(cfg, m->token_file, path);
	if (err < 0)
		return why_set(why, err, "token-file %s", m->token_file);
	return secret_load_token(path, &a->token, why);
}

void http_access_free(struct http_access *a)
{
	secret_free(&a->token);
}

/* "[::1]:9417" and "localhost:9417" without the port; "" when it is none. */
static void host_of(const char *header, char *buf, size_t size)
{
	size_t len = *header == '[' ? strcspn(header, "]") : strcspn(header, ":");

	if (*header == '[' && len) {
		header++;
		len--;
	}
	snprintf(buf, size, "%.*s", len < size ? (int)len : 0, header);
}

/* An address cannot be made to lead here, as a name can. */
static bool is_our_name(const struct cfg_metrics *m, const char *name)
{
	char own[HOST_NAME_MAX + 1] = "";
	uint8_t address[16];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1 ||
	    strcasecmp(name, "localhost") == 0)
		return true;
	gethostname(own, sizeof(own) - 1);
	if (*own && strcasecmp(name, own) == 0)
		return true;
	for (unsigned int i = 0; i < m->hosts_count; i++) {
		if (strcasecmp(name, m->hosts[i]) == 0)
			return true;
	}
	return false;
}

/* HTTP/1.0 names no host; a browser always does. */
static bool asks_for_us(struct http *h, struct MHD_Connection *c)
{
	const char *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	char name[256];

	if (!header)
		return true;
	host_of(header, name, sizeof(name));
	return is_our_name(&h->service->cfg->metrics, name);
}

static bool is_reader(struct http *h, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info && peer_rights(info->connect_fd, &h->access.readers) != PEER_NOTHING;
}

/* A token in the time that its length takes, wherever it differs. */
static bool is_token(const struct secret *token, const char *shown)
{
	size_t len = strlen(shown);
	uint8_t differs = len != token->len;

	for (size_t i = 0; i < token->len; i++)
		differs |= token->bytes[i] ^ (uint8_t)shown[i < len ? i : len];
	return !differs;
}

/* "USER:TOKEN" in base64, as a browser asks for it. */
static bool is_password(const struct secret *token, const char *shown)
{
	gnutls_datum_t text = {(unsigned char *)shown, (unsigned int)strlen(shown)}, plain;
	const char *colon;
	_free_ char *copy = NULL;
	bool right;

	if (gnutls_base64_decode2(&text, &plain) < 0)
		return false;
	copy = strndup((const char *)plain.data, plain.size);
	colon = copy ? strchr(copy, ':') : NULL;
	right = colon && is_token(token, colon + 1);
	secret_wipe(plain.data, plain.size);
	gnutls_free(plain.data);
	if (copy)
		secret_wipe(copy, strlen(copy));
	return right;
}

static bool shows_token(const struct secret *token, struct MHD_Connection *c)
{
	const char *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_AUTHORIZATION);

	if (header && strncasecmp(header, "Bearer ", 7) == 0)
		return is_token(token, header + 7);
	return header && strncasecmp(header, "Basic ", 6) == 0 && is_password(token, header + 6);
}

static int refuse(struct answer *a, unsigned int status, const char *text)
{
	int err = http_answer_text(a, status, text);

	return err < 0 ? err : 1;
}

int http_access(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	const struct http_access *w = &h->access;

	if (w->on_socket)
		return is_reader(h, c) ? 0 : refuse(a, MHD_HTTP_FORBIDDEN,
						    "for root and members of readers-group\n");
	if (w->names && !asks_for_us(h, c))
		return refuse(a, MHD_HTTP_MISDIRECTED_REQUEST,
			      "not a name of this host; metrics.hosts may give it more\n");
	if ((!w->token && !w->cert) || (w->token && shows_token(w->token, c)) ||
	    (w->cert && http_tls_verified(c)))
		return 0;
	if (!w->token)
		return refuse(a, MHD_HTTP_FORBIDDEN, "show a certificate that client-ca signed\n");
	strcpy(a->header, MHD_HTTP_HEADER_WWW_AUTHENTICATE);
	strcpy(a->value, "Basic realm=\"ipso\"");
	return refuse(a, MHD_HTTP_UNAUTHORIZED, "show the token\n");
}
