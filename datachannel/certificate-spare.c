/* Owns a few certificates, and the thread that makes them.  The thread begins when one was taken
 * and ends when all are there again: what a connection waits for is then made while others use
 * theirs. Where none is ready it is made on the spot.
 *
 * A forked child has the memory and not the thread.  It leaves the spares alone: two processes must
 * not have the same key. */
#include "datachannel/certificate-spare.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_AGE_US (24 * G_TIME_SPAN_HOUR) /* of the 30 days that they are valid */

typedef struct {
    PierceCertificate *certificate;
    gint64 made_us;
} Spare;

typedef struct {
    pthread_mutex_t mutex; /* and no GMutex, which ThreadSanitizer cannot see */
    pid_t owner;           /* never changes, so that a child can look without the lock */
    GQueue ready;
    GThread *thread; /* the last one, NULL before the first */
    gboolean is_at_work;
    gboolean is_ending;
} Shelf;

static Shelf *get_shelf(void);

static void
spare_free(Spare *spare)
{
    g_object_unref(spare->certificate);
    g_free(spare);
}

/* Under the lock, but for the making. */
static gboolean
make_one(Shelf *shelf)
{
    pthread_mutex_unlock(&shelf->mutex);
    Spare *spare = g_new0(Spare, 1);
    spare->certificate = pierce_certificate_generate(NULL);
    spare->made_us = g_get_monotonic_time();
    pthread_mutex_lock(&shelf->mutex);
    if (spare->certificate) {
        g_queue_push_tail(&shelf->ready, spare);
        return TRUE;
    }
    g_free(spare); /* whoever needs one is told why */
    return FALSE;
}

static gpointer
work(gpointer data)
{
    Shelf *shelf = data;
    pthread_mutex_lock(&shelf->mutex);
    while (!shelf->is_ending && shelf->ready.length < CERTIFICATE_SPARES && make_one(shelf))
        ;
    shelf->is_at_work = FALSE;
    pthread_mutex_unlock(&shelf->mutex);
    return NULL;
}

/* OpenSSL takes itself down when the process exits.  A thread must not be in it then, nor leave it:
 * its end is waited for. */
static void
on_process_exit(void)
{
    Shelf *shelf = get_shelf();
    if (shelf->owner != getpid())
        return;
    pthread_mutex_lock(&shelf->mutex);
    shelf->is_ending = TRUE;
    GThread *thread = g_steal_pointer(&shelf->thread);
    pthread_mutex_unlock(&shelf->mutex);
    g_clear_pointer(&thread, g_thread_join);
}

/* Made once, and no GOnce, which ThreadSanitizer cannot see. */
static struct {
    pthread_once_t made;
    Shelf shelf;
} shelf_once = { .made = PTHREAD_ONCE_INIT };

static void
make_shelf(void)
{
    Shelf *shelf = &shelf_once.shelf;
    pthread_mutex_init(&shelf->mutex, NULL);
    g_queue_init(&shelf->ready);
    shelf->owner = getpid();
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL); /* its end then comes after ours */
    atexit(on_process_exit);
}

static Shelf *
get_shelf(void)
{
    pthread_once(&shelf_once.made, make_shelf);
    return &shelf_once.shelf;
}

/* Under the lock. */
static void
start_work(Shelf *shelf)
{
    if (shelf->is_at_work || shelf->is_ending || shelf->ready.length >= CERTIFICATE_SPARES)
        return;
    g_clear_pointer(&shelf->thread, g_thread_join);
    shelf->thread = g_thread_try_new("pierce-certificate", work, shelf, NULL);
    shelf->is_at_work = shelf->thread != NULL;
}

/* Under the lock. */
static PierceCertificate *
pop_fresh(Shelf *shelf)
{
    gint64 oldest_us = g_get_monotonic_time() - MOST_AGE_US;
    for (Spare *spare; (spare = g_queue_pop_head(&shelf->ready));) {
        g_autoptr(PierceCertificate) certificate = g_object_ref(spare->certificate);
        gboolean is_fresh = spare->made_us > oldest_us;
        spare_free(spare);
        if (is_fresh)
            return g_steal_pointer(&certificate);
    }
    return NULL;
}

PierceCertificate *
certificate_spare_take(GError **error)
{
    Shelf *shelf = get_shelf();
    if (shelf->owner != getpid())
        return pierce_certificate_generate(error);
    pthread_mutex_lock(&shelf->mutex);
    PierceCertificate *certificate = pop_fresh(shelf);
    start_work(shelf);
    pthread_mutex_unlock(&shelf->mutex);
    return certificate ? certificate : pierce_certificate_generate(error);
}

guint
certificate_spare_count(void)
{
    Shelf *shelf = get_shelf();
    pthread_mutex_lock(&shelf->mutex);
    guint count = shelf->ready.length;
    pthread_mutex_unlock(&shelf->mutex);
    return count;
}
