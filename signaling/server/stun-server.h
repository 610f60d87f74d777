/* Answers STUN Binding requests by UDP: tells who asks what address it is seen at. */
#pragma once

#include <gio/gio.h>

typedef struct StunServer StunServer;

typedef struct {
    guint64 n_answered;
    guint64 n_ignored;
} StunServerCounts;

/* @other is a second address of this machine, NULL for none: there are four sockets then, two
 * addresses with two ports each, and RFC 5780's questions are answered. */
StunServer *stun_server_new(GSocketAddress *address, GInetAddress *other, GError **error);
void stun_server_free(StunServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StunServer, stun_server_free)

guint16 stun_server_get_port(const StunServer *self);
StunServerCounts stun_server_get_counts(const StunServer *self);
