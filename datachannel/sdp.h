/* SDP text as a generic model: sections and their attributes, RFC 8866.  Knows nothing of what an
 * attribute means; sdp-remote and sdp-negotiate do. */
#pragma once

#include <glib.h>

/* What a description may grow to.  A browser's with one data channel and 30 candidates is 4 KiB. */
#define SDP_MAX_SIZE_BYTES 65536
#define SDP_MAX_MEDIA 64
#define SDP_MAX_ATTRIBUTES 256 /* at the session level, and in each section */

/* What made a description, RFC 8866 section 6.5: a peer that is this library too is trusted with
 * more. */
#define SDP_TOOL "pierce"

#define SDP_ERROR (sdp_error_quark())

typedef enum {
    SDP_ERROR_SYNTAX,   /* not SDP, or a value that its RFC does not allow */
    SDP_ERROR_LIMIT,    /* larger than the limits above */
    SDP_ERROR_UNUSABLE, /* proper SDP that offers no data channels, or none that we can speak */
} SdpError;

GQuark sdp_error_quark(void);

typedef struct {
    const char *name;
    const char *value; /* NULL for an attribute without a value */
    guint line;        /* counted from 1 */
} SdpAttribute;

/* One m= section.  Its m= line holds printable ASCII only, so that it may be written back. */
typedef struct {
    const char *media;
    const char *protocol;
    const char *formats; /* one or more, separated by single spaces */
    guint16 port;
    guint line;
    GArray *attributes; /* of SdpAttribute */
} SdpMedia;

typedef struct {
    char *text;         /* our copy, cut into the strings that everything else points to */
    GArray *attributes; /* of SdpAttribute: those of the session */
    GArray *media;      /* of SdpMedia */
} SdpDescription;

void sdp_description_clear(SdpDescription *description);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SdpDescription, sdp_description_clear)

/* Fills @description from @text, whose lines end in CR LF or LF.  FALSE with @error naming the
 * line, and @description cleared. */
gboolean sdp_description_parse(SdpDescription *description, const char *text, GError **error);

guint sdp_description_count(const SdpDescription *description);
const SdpMedia *sdp_description_media(const SdpDescription *description, guint index);

/* The first attribute called @name in @media alone, NULL if there is none. */
const SdpAttribute *sdp_media_attribute(const SdpMedia *media, const char *name);

/* The first attribute called @name in @media or, where that has none, of the session. */
const SdpAttribute *sdp_attribute(const SdpDescription *description, const SdpMedia *media,
                                  const char *name);

/* The value of the first one in @media, NULL if there is none or it has no value. */
const char *sdp_media_value(const SdpMedia *media, const char *name);

/* Whether @word is in @list, whose words are separated by blanks. */
gboolean sdp_has_word(const char *list, const char *word);

/* @text in quotation marks for an error message: clipped, with all but printable ASCII escaped. */
char *sdp_quote(const char *text);
