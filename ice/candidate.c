/* Owns the text of a candidate attribute; who may use the candidate is the agent's business.
 * RFC 8839 section 5.1:
 *
 *   candidate:foundation component transport priority address port typ TYPE
 *     [raddr ADDRESS rport PORT] *(name value)
 *
 * Fields are parted by exactly one space.  RFC 6544 section 4.5 adds "tcptype active|passive|so",
 * which TCP must have.  "ufrag VALUE" (RFC 8838 section 4.1) names the ICE generation. */
#include "ice/candidate.h"

#include <string.h>

#define SHOWN_SIZE 64 /* how much of a bad value goes into an error message */

/* The part of the line that has not been read, and the field that was read last. */
typedef struct {
    const char *at;
    const char *end;
    const char *field;
    gsize size;
} Cursor;

static const char *const type_names[] = { "host", "srflx", "prflx", "relay" };
static const char *const tcp_type_names[] = { NULL, "active", "passive", "so" };

GQuark
candidate_error_quark(void)
{
    return g_quark_from_static_string("pierce-candidate-error-quark");
}

static gboolean
fail(GError **error, const char *field, const char *value, gsize size, const char *rule)
{
    g_autofree char *clipped = g_strndup(value, MIN(size, SHOWN_SIZE));
    g_autofree char *shown = g_strescape(clipped, NULL);

    g_set_error(error, CANDIDATE_ERROR, CANDIDATE_ERROR_INVALID, "candidate: %s \"%s\"%s %s", field,
                shown, size > SHOWN_SIZE ? "..." : "", rule);
    return FALSE;
}

static gboolean
fail_field(GError **error, const Cursor *cursor, const char *field, const char *rule)
{
    return fail(error, field, cursor->field, cursor->size, rule);
}

/* FALSE at the end of the line; a field may be empty, which no rule for a field allows. */
static gboolean
next_field(Cursor *cursor)
{
    if (!cursor->at) {
        cursor->size = 0;
        return FALSE;
    }
    const char *space = memchr(cursor->at, ' ', (gsize) (cursor->end - cursor->at));
    cursor->field = cursor->at;
    cursor->size = (gsize) ((space ? space : cursor->end) - cursor->at);
    cursor->at = space ? space + 1 : NULL;
    return TRUE;
}

static gboolean
field_is(const Cursor *cursor, const char *word)
{
    return cursor->size == strlen(word) && memcmp(cursor->field, word, cursor->size) == 0;
}

static gboolean
next_is(Cursor *cursor, const char *word)
{
    Cursor ahead = *cursor;

    if (!next_field(&ahead) || !field_is(&ahead, word))
        return FALSE;
    *cursor = ahead;
    return TRUE;
}

static gboolean
field_number(const Cursor *cursor, gsize max_digits, guint32 max, guint32 *number)
{
    guint64 value = 0;

    if (cursor->size == 0 || cursor->size > max_digits)
        return FALSE;
    for (gsize i = 0; i < cursor->size; i++) {
        if (!g_ascii_isdigit(cursor->field[i]))
            return FALSE;
        value = value * 10 + (guint64) g_ascii_digit_value(cursor->field[i]);
    }
    *number = (guint32) value;
    return value <= max;
}

/* RFC 8839 section 5.1: ice-char = ALPHA / DIGIT / "+" / "/" */
static gboolean
field_is_ice_chars(const Cursor *cursor, gsize max)
{
    for (gsize i = 0; i < cursor->size; i++)
        if (!g_ascii_isalnum(cursor->field[i]) && cursor->field[i] != '+' &&
            cursor->field[i] != '/')
            return FALSE;
    return cursor->size >= 1 && cursor->size <= max;
}

static gboolean
find_name(const Cursor *cursor, const char *const *names, gsize n_names, gsize *found)
{
    for (gsize i = 0; i < n_names; i++)
        if (names[i] && field_is(cursor, names[i])) {
            *found = i;
            return TRUE;
        }
    return FALSE;
}

gboolean
candidate_is_local_name(const char *text, gsize size)
{
    static const char suffix[] = ".local";
    gsize label = size - strlen(suffix);

    if (size <= strlen(suffix) || label > 63 ||
        g_ascii_strncasecmp(text + label, suffix, strlen(suffix)) != 0)
        return FALSE;
    for (gsize i = 0; i < label; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_')
            return FALSE;
    return TRUE;
}

static gboolean
parse_foundation_to_priority(Candidate *candidate, Cursor *cursor, GError **error)
{
    next_field(cursor);
    if (!field_is_ice_chars(cursor, CANDIDATE_MAX_FOUNDATION))
        return fail_field(error, cursor, "foundation", "is not 1 to 32 letters, digits, + or /");
    memcpy(candidate->foundation, cursor->field, cursor->size);

    next_field(cursor);
    if (!field_number(cursor, 3, CANDIDATE_MAX_COMPONENT, &candidate->component) ||
        candidate->component == 0)
        return fail_field(error, cursor, "component", "is not a number from 1 to 256");

    next_field(cursor);
    if (cursor->size != 3 || (g_ascii_strncasecmp(cursor->field, "udp", 3) != 0 &&
                              g_ascii_strncasecmp(cursor->field, "tcp", 3) != 0))
        return fail_field(error, cursor, "transport", "is neither udp nor tcp");
    candidate->transport = g_ascii_tolower(cursor->field[0]) == 'u' ? CANDIDATE_UDP : CANDIDATE_TCP;

    next_field(cursor);
    if (!field_number(cursor, 10, CANDIDATE_MAX_PRIORITY, &candidate->priority) ||
        candidate->priority == 0)
        return fail_field(error, cursor, "priority", "is not a number from 1 to 2147483647");
    return TRUE;
}

static gboolean
parse_address_to_type(Candidate *candidate, Cursor *cursor, GError **error)
{
    guint32 port = 0;
    gsize type = 0;

    next_field(cursor);
    if (candidate_is_local_name(cursor->field, cursor->size))
        candidate->host = g_strndup(cursor->field, cursor->size);
    else if (!address_parse(&candidate->address, cursor->field, cursor->size))
        return fail_field(error, cursor, "address",
                          "is neither an IPv4 or IPv6 address nor a name of the form LABEL.local");
    else if (!address_is_unicast(&candidate->address))
        return fail_field(error, cursor, "address", "is not one that a peer can be reached at");

    next_field(cursor);
    if (!field_number(cursor, 5, G_MAXUINT16, &port) || port == 0)
        return fail_field(error, cursor, "port", "is not a number from 1 to 65535");
    candidate->address.port = (guint16) port;

    if (!next_is(cursor, "typ")) {
        next_field(cursor);
        return fail_field(error, cursor, "field", "stands where \"typ\" has to");
    }
    next_field(cursor);
    if (!find_name(cursor, type_names, G_N_ELEMENTS(type_names), &type))
        return fail_field(error, cursor, "type", "is not host, srflx, prflx or relay");
    candidate->type = (CandidateType) type;
    return TRUE;
}

static gboolean
parse_related(Candidate *candidate, Cursor *cursor, GError **error)
{
    guint32 port = 0;

    if (!next_is(cursor, "raddr"))
        return TRUE;
    /* A name tells us nothing that we would ever use, so it counts as no related address. */
    next_field(cursor);
    gboolean is_name = candidate_is_local_name(cursor->field, cursor->size);
    if (!is_name && !address_parse(&candidate->related, cursor->field, cursor->size))
        return fail_field(error, cursor, "raddr", "is not an IPv4 or IPv6 address");
    if (!next_is(cursor, "rport")) {
        next_field(cursor);
        return fail_field(error, cursor, "field", "stands where \"rport\" has to, after raddr");
    }
    next_field(cursor);
    if (!field_number(cursor, 5, G_MAXUINT16, &port))
        return fail_field(error, cursor, "rport", "is not a number from 0 to 65535");
    candidate->related.port = (guint16) (is_name ? 0 : port);
    candidate->has_related = !is_name;
    return TRUE;
}

/* @name and @cursor hold the name and the value of one extension. */
static gboolean
parse_extension(Candidate *candidate, const Cursor *name, const Cursor *cursor, GError **error)
{
    gsize tcp_type = 0;

    if (field_is(name, "tcptype") && candidate->transport == CANDIDATE_TCP) {
        if (candidate->tcp_type != CANDIDATE_TCP_NONE)
            return fail_field(error, cursor, "tcptype", "is given twice");
        if (!find_name(cursor, tcp_type_names, G_N_ELEMENTS(tcp_type_names), &tcp_type))
            return fail_field(error, cursor, "tcptype", "is not active, passive or so");
        candidate->tcp_type = (CandidateTcpType) tcp_type;
    } else if (field_is(name, "ufrag")) {
        if (candidate->ufrag)
            return fail_field(error, cursor, "ufrag", "is given twice");
        if (!field_is_ice_chars(cursor, CANDIDATE_MAX_UFRAG))
            return fail_field(error, cursor, "ufrag", "is not 1 to 256 letters, digits, + or /");
        candidate->ufrag = g_strndup(cursor->field, cursor->size);
    }
    return TRUE;
}

static gboolean
parse_extensions(Candidate *candidate, Cursor *cursor, GError **error)
{
    while (next_field(cursor)) {
        Cursor name = *cursor;
        if (name.size == 0)
            return fail_field(error, &name, "extension", "has no name");
        if (!next_field(cursor) || cursor->size == 0)
            return fail_field(error, &name, "extension", "has no value");
        if (!parse_extension(candidate, &name, cursor, error))
            return FALSE;
    }
    if (candidate->transport == CANDIDATE_TCP && candidate->tcp_type == CANDIDATE_TCP_NONE)
        return fail(error, "tcptype", "", 0, "is missing, and a tcp candidate needs it");
    return TRUE;
}

/* Sets @cursor behind "candidate:" and before the end of the line. */
static gboolean
start_line(Cursor *cursor, const char *text, GError **error)
{
    static const char word[] = "candidate:";
    gsize size = strnlen(text, CANDIDATE_MAX_LINE_SIZE + 1);

    if (size > CANDIDATE_MAX_LINE_SIZE)
        return fail(error, "line", text, size, "is longer than 1024 bytes");
    if (size >= 1 && text[size - 1] == '\n')
        size -= size >= 2 && text[size - 2] == '\r' ? 2 : 1;
    for (gsize i = 0; i < size; i++)
        if (text[i] < ' ' || text[i] > '~')
            return fail(error, "line", text, size, "has a byte that is not printable ASCII");

    gsize skip = size >= 2 && memcmp(text, "a=", 2) == 0 ? 2 : 0;
    if (size - skip < strlen(word) || memcmp(text + skip, word, strlen(word)) != 0)
        return fail(error, "line", text, size, "does not start with \"candidate:\"");
    *cursor = (Cursor){ .at = text + skip + strlen(word), .end = text + size };
    cursor->field = cursor->end;
    return TRUE;
}

gboolean
candidate_parse(Candidate *candidate, const char *text, GError **error)
{
    g_auto(Candidate) parsed = { 0 };
    Cursor cursor;

    *candidate = (Candidate){ 0 };
    if (!start_line(&cursor, text, error) ||
        !parse_foundation_to_priority(&parsed, &cursor, error) ||
        !parse_address_to_type(&parsed, &cursor, error) ||
        !parse_related(&parsed, &cursor, error) || !parse_extensions(&parsed, &cursor, error))
        return FALSE;
    *candidate = parsed;
    parsed = (Candidate){ 0 }; /* handed over */
    return TRUE;
}

char *
candidate_print(const Candidate *candidate)
{
    g_autofree char *address =
        candidate->host ? g_strdup(candidate->host) : address_to_string(&candidate->address);
    GString *line = g_string_new(NULL);

    g_string_printf(line, "candidate:%s %u %s %u %s %u typ %s", candidate->foundation,
                    candidate->component, candidate->transport == CANDIDATE_UDP ? "udp" : "tcp",
                    candidate->priority, address, candidate->address.port,
                    type_names[candidate->type]);
    if (candidate->has_related) {
        g_autofree char *related = address_to_string(&candidate->related);
        g_string_append_printf(line, " raddr %s rport %u", related, candidate->related.port);
    }
    if (candidate->tcp_type != CANDIDATE_TCP_NONE)
        g_string_append_printf(line, " tcptype %s", tcp_type_names[candidate->tcp_type]);
    if (candidate->ufrag)
        g_string_append_printf(line, " ufrag %s", candidate->ufrag);
    return g_string_free(line, FALSE);
}

void
candidate_clear(Candidate *candidate)
{
    g_free(candidate->host);
    g_free(candidate->ufrag);
    *candidate = (Candidate){ 0 };
}
