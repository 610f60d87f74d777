/* What all peer commands have in common: they register, meet peers, tell of it, and say goodbye. */
#pragma once

#include "options.h"
#include "terminal.h"

#include <pierce-signaling.h>
#include <pierce.h>

typedef struct _Session Session;

/* One connection. */
typedef struct {
    Session *session;
    char *client_id; /* when the connection was made */
    char *name;      /* NULL if not known */
    PiercePeerConnection *connection;
    gboolean is_announced;      /* its `connected` was told */
    gboolean is_lost;           /* its path was lost, and that was told */
    char *path;                 /* as last told */
    PierceDataChannel *channel; /* the command's own, may be NULL */
} SessionPeer;

/* What a command does about it; each may be NULL. */
typedef struct {
    void (*on_registered)(Session *session, gpointer user_data); /* the first time */
    void (*on_peer_joined)(Session *session, const char *client_id, gpointer user_data);
    void (*on_connected)(SessionPeer *peer, gpointer user_data);
    /* A channel was made, by either side: the moment to ask for its messages. */
    void (*on_new_channel)(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data);
    /* It is open. */
    void (*on_channel)(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data);
    /* @error NULL: one of the two closed it. */
    void (*on_gone)(SessionPeer *peer, const GError *error, gpointer user_data);
    /* SIGINT or SIGTERM: end, by session_end(). NULL to end with EXIT_OK. */
    void (*on_interrupt)(Session *session, gpointer user_data);
    guint max_peers; /* further ones are refused; 0 for as many as the negotiator allows */
} SessionHandlers;

struct _Session {
    const Options *options;
    const SessionHandlers *handlers;
    gpointer user_data;
    Terminal terminal;
    GMainLoop *loop;
    PierceSignalingClient *client;
    PierceNegotiator *negotiator;
    GHashTable *peers; /* PiercePeerConnection -> SessionPeer */
    GHashTable *names; /* client id -> name, of peers that were heard of */
    GPtrArray *sources;
    GSource *deadline; /* for what --timeout bounds */
    const char *label; /* of the channel that session_connect() makes */
    GSource *search;   /* the next find_peer */
    char *problem;     /* what stands in the way, for when the deadline passes */
    gboolean was_registered;
    gboolean is_ending;
    ExitCode exit_code;
};

/* NULL after a usage error was told. */
Session *session_new(const Options *options, const SessionHandlers *handlers, gpointer user_data);
void session_free(Session *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

ExitCode session_run(Session *self);

/* Closes what is open, with a goodbye, and makes session_run() return. */
void session_end(Session *self, ExitCode exit_code);

/* Prints what is wrong, and ends with EXIT_NOT_CONNECTED. */
void session_fail(Session *self, const char *code, const char *message);

/* @label must live as long as the session.  Looks for --to until it is there, and connects to it
 * with a channel of this label; fails when
 * --timeout passes before it is open. */
void session_connect(Session *self, const char *label);

/* Connects to a peer, with a channel of this label unless the connection is there already. */
void session_connect_to(Session *self, const char *client_id, const char *label);

/* The name, or as much of the id as tells peers apart. */
const char *session_peer_name(const SessionPeer *peer);
