/* Feeds a buffer of DTLS records to the filter, in each role and phase. */
#include "datachannel/dtls-filter.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_record(const guint8 *record, gsize size)
{
    g_autofree guint8 *copy = g_memdup2(record, size);
    guint16 epoch = (guint16) (record[3] << 8 | record[4]);
    guint32 next = 5;

    for (int role = DTLS_FILTER_CLIENT; role <= DTLS_FILTER_SERVER; role++) {
        gboolean before = dtls_filter_record((DtlsFilterRole) role, FALSE, copy, size);
        gboolean after = dtls_filter_record((DtlsFilterRole) role, TRUE, copy, size);
        g_assert_true(!after || (before && epoch == 1));
        g_assert_true(!before || epoch == 1 || record[0] == 20 || record[0] == 22);
        dtls_filter_renumber(copy, size, &next);
        g_assert_true(dtls_filter_record((DtlsFilterRole) role, FALSE, copy, size) == before);
    }
    g_assert_true((epoch == 0) == (next == 7));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gsize left = size, record;

    while ((record = dtls_filter_next_record(bytes, left)) > 0) {
        g_assert_cmpuint(record, <=, left);
        check_record(bytes, record);
        bytes += record;
        left -= record;
    }
    g_assert_false(dtls_filter_record(DTLS_FILTER_SERVER, FALSE, bytes, left));
    return 0;
}
