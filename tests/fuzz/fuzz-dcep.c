/* Feeds a DCEP message to each parser.  What is accepted must be written back byte for byte. */
#include "datachannel/dcep.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_open(const uint8_t *bytes, size_t size)
{
    g_auto(DcepOpen) open = { 0 };
    g_autoptr(GByteArray) again = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    if (!dcep_open_parse(&open, bytes, size, &error)) {
        g_assert_true(error && !open.label && !open.protocol);
        return;
    }
    g_assert_true(dcep_is_text(open.label) && dcep_is_text(open.protocol));
    dcep_open_write(&open, again);
    g_assert_cmpmem(again->data, again->len, bytes, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    DcepType type;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) ack_error = NULL;
    gboolean is_known = dcep_type(bytes, size, &type, &error);
    gboolean is_ack = dcep_ack_parse(bytes, size, &ack_error);

    g_assert_true(is_known == (error == NULL) && is_ack == (ack_error == NULL));
    g_assert_true(is_ack == (is_known && type == DCEP_ACK && size == 1));
    check_open(bytes, size);
    return 0;
}
