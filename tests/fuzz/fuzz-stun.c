/* Anything may come to the STUN port.  What is answered is answered briefly, and never with what we
 * would answer again: two responders that are set on each other fall silent. */
#include "signaling/server/stun-message.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_answer(const StunRequest *request, gsize asked, GByteArray *out)
{
    StunRequest again;

    g_assert_cmpuint(out->len, <=, STUN_MAX_RESPONSE_BYTES + asked);
    g_assert_cmpuint(out->len % 4, ==, 0);
    for (int ability = STUN_ONE_ADDRESS; ability <= STUN_TWO_ADDRESSES; ability++)
        g_assert_cmpint(stun_request_parse(&again, out->data, out->len, (StunAbility) ability), ==,
                        STUN_IGNORE);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    const StunAddress mapped = { .size = 16, .port = 9 }, other = { .size = 4, .port = 8 };

    for (int ability = STUN_ONE_ADDRESS; ability <= STUN_TWO_ADDRESSES; ability++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        StunRequest request;
        StunVerdict verdict = stun_request_parse(&request, data, size, (StunAbility) ability);
        if (verdict == STUN_IGNORE)
            continue;
        if (verdict == STUN_UNKNOWN)
            stun_write_unknown(&request, out);
        else
            stun_write_binding(&request, &mapped, &other, &other, out);
        check_answer(&request, size, out);
    }
    return 0;
}
