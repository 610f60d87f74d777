/* The Binding method of STUN as a server speaks it, RFC 8489, with the attributes of RFC 5780 that
 * tell a client how its NAT behaves. */
#pragma once

#include <glib.h>

#define STUN_TRANSACTION_BYTES 12

/* No answer is larger than this and the PADDING of its request together. */
#define STUN_MAX_RESPONSE_BYTES 160

typedef struct {
    guint8 bytes[16];
    gsize size; /* 4 for IPv4, 16 for IPv6, 0 for no address */
    guint16 port;
} StunAddress;

typedef enum {
    STUN_IGNORE,  /* not a Binding request: no answer, whatever it is */
    STUN_BINDING, /* answer with the address it came from */
    STUN_UNKNOWN, /* answer 420: it has attributes that we must understand and do not */
} StunVerdict;

#define STUN_MAX_UNKNOWN 8

typedef struct {
    guint8 transaction[STUN_TRANSACTION_BYTES];
    gboolean has_fingerprint; /* so has the answer */
    gboolean change_ip;       /* RFC 5780 section 7.2 */
    gboolean change_port;
    guint16 response_port; /* RFC 5780 section 7.5: answer to this port, 0 for where it came from */
    gsize padding;         /* RFC 5780 section 7.6: so much in the answer too */
    guint16 unknown[STUN_MAX_UNKNOWN];
    guint n_unknown;
} StunRequest;

typedef enum {
    STUN_ONE_ADDRESS, /* CHANGE-REQUEST is an unknown attribute */
    STUN_TWO_ADDRESSES,
} StunAbility;

StunVerdict stun_request_parse(StunRequest *request, const guint8 *bytes, gsize size,
                               StunAbility ability);

/* Appends the answer.  @origin is where it leaves from and @other what RFC 5780 calls the alternate
 * address; each may be NULL. */
void stun_write_binding(const StunRequest *request, const StunAddress *mapped,
                        const StunAddress *origin, const StunAddress *other, GByteArray *out);
void stun_write_unknown(const StunRequest *request, GByteArray *out);
