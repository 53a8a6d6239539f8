/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask over HTTP: names, tokens, certificates, a unix socket; and what a reload changes. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve.h"

#define TOKEN "0123456789abcdef-token"

static char dir[] = "/tmp/ipso-unit-access.XXXXXX", path[128];

static const char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const void *text, size_t len, mode_t mode)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* ---- a certificate for this host, and one for a client, each its own authority ---- */

static void make_pair(const char *cert_name, const char *key_name)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t pem;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
						      0), 0);
	assert_int_equal(gnutls_x509_crt_init(&cert), 0);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, "\1", 1);
	gnutls_x509_crt_set_activation_time(cert, time(NULL) - 3600);
	gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 3600);
	gnutls_x509_crt_set_dn(cert, "CN=unit", NULL);
	gnutls_x509_crt_set_basic_constraints(cert, 1, -1);
	gnutls_x509_crt_set_key(cert, key);
	assert_int_equal(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem), 0);
	put(cert_name, pem.data, pem.size, 0644);
	gnutls_free(pem.data);
	assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
	put(key_name, pem.data, pem.size, 0600);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	put("token", TOKEN "\n", sizeof(TOKEN), 0600);
	make_pair("server.pem", "server.key");
	make_pair("client.pem", "client.key");
	make_pair("stranger.pem", "stranger.key");
	return 0;
}

static int remove_dir(void **state)
{
	static const char *const names[] = {"token", "server.pem", "server.key", "client.pem",
					    "client.key", "stranger.pem", "stranger.key", "ipso.yaml"};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
}

/* ask over TLS, with the certificate NAME.pem of the client or none; the answer's status */
static int ask_tls(const char *name, const char *header)
{
	gnutls_certificate_credentials_t cred;
	char request[512], cert[128];
	gnutls_session_t s;
	int n, got, fd = ask_open();
	size_t used = 0;

	answer[0] = '\0';
	gnutls_certificate_allocate_credentials(&cred);
	if (name) {
		snprintf(cert, sizeof(cert), "%s/%s.pem", dir, name);
		snprintf(path, sizeof(path), "%s/%s.key", dir, name);
		if (gnutls_certificate_set_x509_key_file(cred, cert, path, GNUTLS_X509_FMT_PEM) < 0)
			return -1;
	}
	gnutls_init(&s, GNUTLS_CLIENT);
	gnutls_set_default_priority(s);
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_transport_set_int(s, fd);
	do
		n = gnutls_handshake(s);
	while (n < 0 && !gnutls_error_is_fatal(n));
	if (n == 0) {
		n = snprintf(request, sizeof(request), "GET /healthz HTTP/1.1\r\nHost: a.test\r\n%s"
			     "Connection: close\r\n\r\n", header);
		gnutls_record_send(s, request, (size_t)n);
		while ((got = (int)gnutls_record_recv(s, answer + used, sizeof(answer) - 1 - used)) > 0)
			used += (size_t)got;
		answer[used] = '\0';
	}
	gnutls_deinit(s);
	gnutls_certificate_free_credentials(cred);
	close(fd);
	return used > 12 ? atoi(answer + strlen("HTTP/1.1 ")) : 0;
}

/* ---- names ---- */

static int ask_names(void)
{
	static const struct {
		const char *host, *status;
	} rows[] = {
		{"localhost", "200"}, {"LOCALHOST:9417", "200"}, {"127.0.0.1:9417", "200"},
		{"[::1]:9417", "200"}, {"192.0.2.7", "200"}, {"ipso.example.org", "200"},
		{"evil.example.org", "421"}, {"evil.example.org:9417", "421"},
		{"localhost.evil.example.org", "421"}, {"[evil", "421"}, {"127.0.0.1.evil", "421"},
	};
	char own[65] = "", host[300];
	bool good = true;

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		char request[512];
		int n = snprintf(request, sizeof(request), "GET /healthz HTTP/1.1\r\nHost: %s\r\n"
				 "Connection: close\r\n\r\n", rows[i].host);

		if (strncmp(ask(request, (size_t)n) + strlen("HTTP/1.1 "), rows[i].status, 3) == 0)
			continue;
		print_error("Host: %s gives %.20s, not %s\n", rows[i].host, answer, rows[i].status);
		good = false;
	}
	gethostname(own, sizeof(own) - 1);
	snprintf(host, sizeof(host), "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", own);
	good &= strncmp(ask(host, strlen(host)) + strlen("HTTP/1.1 "), "200", 3) == 0;
	good &= strncmp(ask("GET /healthz HTTP/1.0\r\n\r\n", 25) + strlen("HTTP/1.1 "), "200", 3) == 0;
	return good ? 0 : 1;
}

static void other_names_are_refused(void **state)
{
	static char *hosts[] = {(char *)"ipso.example.org"};
	struct ipso_config cfg = {.path = (char *)"f.yaml",
				  .metrics = {.hosts = hosts, .hosts_count = 1}};
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_names), 0);
}

/* ---- tokens ---- */

static bool gives(const char *header, const char *status)
{
	char request[512];
	int n = snprintf(request, sizeof(request), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n%s"
			 "Connection: close\r\n\r\n", header);

	if (strncmp(ask(request, (size_t)n) + strlen("HTTP/1.1 "), status, 3) == 0)
		return true;
	print_error("%s gives %.30s, not %s\n", header, answer, status);
	return false;
}

static int ask_token(void)
{
	bool good = gives("", "401") && strstr(answer, "WWW-Authenticate: Basic realm=\"ipso\"");

	good &= gives("Authorization: Bearer " TOKEN "\r\n", "200");
	good &= gives("Authorization: bearer " TOKEN "\r\n", "200");
	good &= gives("Authorization: Bearer " TOKEN "x\r\n", "401");
	good &= gives("Authorization: Bearer 0123456789abcdef-toke\r\n", "401");
	good &= gives("Authorization: Bearer \r\n", "401");
	/* printf 'any:0123456789abcdef-token' | base64 */
	good &= gives("Authorization: Basic YW55OjAxMjM0NTY3ODlhYmNkZWYtdG9rZW4=\r\n", "200");
	good &= gives("Authorization: Basic YW55Ondyb25n\r\n", "401");
	good &= gives("Authorization: Basic !!!!\r\n", "401");
	good &= !strstr(answer, TOKEN);
	return good ? 0 : 1;
}

static struct ipso_config with_token(void)
{
	return (struct ipso_config){.path = (char *)in_dir("ipso.yaml"),
				    .metrics.token_file = (char *)"token"};
}

static void token_is_asked_for(void **state)
{
	struct ipso_config cfg = with_token();
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_token), 0);
}

/* What the start of the server answers, on 127.0.0.1; the message is in *why. */
static int start_with(struct ipso_config *cfg, struct why *why)
{
	struct service s = {.cfg = cfg};
	struct http *h = NULL;
	int fd = -1, err;

	cfg->metrics.address = (char *)"127.0.0.1";
	assert_true(sd_event_new(&s.event) >= 0);
	assert_int_equal(http_listen(&cfg->metrics, &fd, why), 0);
	err = http_start(&s, fd, &h, why);
	http_free(&h);
	sd_event_unref(s.event);
	return err;
}

static void token_file_that_others_read_is_refused(void **state)
{
	struct ipso_config cfg = with_token();
	struct why why = {};

	(void)state;
	put("token", TOKEN "\n", sizeof(TOKEN), 0644);
	in_dir("ipso.yaml");
	assert_int_equal(start_with(&cfg, &why), -EPERM);
	assert_non_null(strstr(why.what, "mode 0644"));
	put("token", "short\n", 6, 0600);
	in_dir("ipso.yaml");
	assert_int_equal(start_with(&cfg, &why), -EINVAL);
	assert_non_null(strstr(why.what, "16 to 256"));
	assert_null(strstr(why.what, "short"));
	put("token", TOKEN "\n", sizeof(TOKEN), 0600);
}

/* ---- TLS ---- */

static struct ipso_config with_tls(void)
{
	struct ipso_config cfg = with_token();

	cfg.metrics.has_tls = true;
	cfg.metrics.tls = (struct cfg_tls){(char *)"server.pem", (char *)"server.key",
					   (char *)"client.pem"};
	return cfg;
}

static int ask_certificates(void)
{
	static const char garbage[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

	if (ask_tls(NULL, "") != 401)
		return 1;
	if (ask_tls(NULL, "Authorization: Bearer " TOKEN "\r\n") != 200)
		return 2;
	if (ask_tls("client", "") != 200)
		return 3;
	if (ask_tls("stranger", "") == 200)
		return 4;
	if (strstr(ask(garbage, sizeof(garbage) - 1), "200 OK")) /* without TLS */
		return 5;
	return ask_tls("client", "") == 200 ? 0 : 6;
}

static void certificates_tell_who_asks(void **state)
{
	struct ipso_config cfg = with_tls();
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_certificates), 0);
}

static void key_of_another_certificate_is_refused(void **state)
{
	struct ipso_config cfg = with_tls();
	struct why why = {};

	(void)state;
	cfg.metrics.tls.key_file = (char *)"client.key";
	assert_true(start_with(&cfg, &why) < 0);
	assert_non_null(strstr(why.what, "server.pem and key-file client.key are no pair in PEM"));
}

/* ---- a unix socket ---- */

static int ask_socket(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	static const char request[] = "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n";
	char text[512] = "";
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t n;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/http", dir);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return 98;
	n = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);
	return n > 12 ? atoi(text + strlen("HTTP/1.1 ")) / 100 : 97;
}

/* As somebody who is in the group, or who is not. */
static int ask_as(uid_t uid, gid_t gid)
{
	if (chmod(dir, 0711) < 0 || setgroups(0, NULL) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		return 96;
	return ask_socket();
}

static int ask_as_member(void) { return ask_as(4711, 4712); }
static int ask_as_other(void) { return ask_as(4711, 4711); }

static void unix_socket_is_for_the_group(void **state)
{
	struct ipso_config cfg = {.path = (char *)"f.yaml"};
	struct service s = {.readers = {true, 4712}};
	struct stat st;
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s/http", dir);
	cfg.metrics.address = name;
	s.cfg = &cfg;
	assert_int_equal(serve(&s, ask_socket), 2);
	if (geteuid() == 0) {
		s.cfg = &cfg;
		assert_int_equal(serve(&s, ask_as_member), 2);
		s.cfg = &cfg;
		assert_int_equal(serve(&s, ask_as_other), 4);
	}
	assert_int_equal(stat(name, &st), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(token_is_asked_for),
		cmocka_unit_test(token_file_that_others_read_is_refused),
		cmocka_unit_test(certificates_tell_who_asks),
		cmocka_unit_test(key_of_another_certificate_is_refused),
		cmocka_unit_test(unix_socket_is_for_the_group),
	};

	return cmocka_run_group_tests_name("daemon_http_access", tests, make_dir, remove_dir);
}
