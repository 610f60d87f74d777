/* Owns what the application asked for.  Checks each value when it is set, so that who reads it
 * later need not.  W3C WebRTC section 4.2. */
#include "datachannel/configuration-data.h"

#include "datachannel/certificate.h"
#include "datachannel/error.h"

#define MAX_SERVERS 16
#define MAX_LOCAL_ADDRESSES 64
#define LEAST_MAX_MESSAGE_SIZE 1024
#define LARGEST_MAX_MESSAGE_SIZE (64 * 1024 * 1024)

G_DEFINE_BOXED_TYPE(PierceConfiguration, pierce_configuration, pierce_configuration_copy,
                    pierce_configuration_free)

static void
configured_server_free(gpointer data)
{
    ConfiguredServer *configured = data;
    ice_server_clear(&configured->server);
    g_free(configured->username);
    g_free(configured->credential);
    g_free(configured);
}

static gpointer
configured_server_copy(gconstpointer data, gpointer user_data)
{
    const ConfiguredServer *configured = data;
    ConfiguredServer *copy = g_new0(ConfiguredServer, 1);
    copy->server = configured->server;
    copy->server.host = g_strdup(configured->server.host);
    copy->username = g_strdup(configured->username);
    copy->credential = g_strdup(configured->credential);
    return copy;
}

PierceConfiguration *
pierce_configuration_new(void)
{
    PierceConfiguration *self = g_new0(PierceConfiguration, 1);
    self->servers = g_ptr_array_new_with_free_func(configured_server_free);
    self->local_addresses = g_array_new(FALSE, FALSE, sizeof(Address));
    self->max_message_size = PIERCE_DEFAULT_MAX_MESSAGE_SIZE;
    self->has_sctp_snap = TRUE;
    return self;
}

PierceConfiguration *
pierce_configuration_copy(const PierceConfiguration *self)
{
    g_return_val_if_fail(self, NULL);
    PierceConfiguration *copy = g_memdup2(self, sizeof *self);
    copy->servers = g_ptr_array_copy(self->servers, (GCopyFunc) configured_server_copy, NULL);
    copy->local_addresses = g_array_copy(self->local_addresses);
    if (copy->certificate)
        g_object_ref(copy->certificate);
    return copy;
}

void
pierce_configuration_free(PierceConfiguration *self)
{
    g_return_if_fail(self);
    g_ptr_array_unref(self->servers);
    g_array_unref(self->local_addresses);
    g_clear_object(&self->certificate);
    g_free(self);
}

static gboolean
check_server(const IceServer *server, const char *uri, const char *username, const char *credential,
             GError **error)
{
    if (server->scheme == ICE_SERVER_STUNS || server->scheme == ICE_SERVER_TURNS) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "ICE server \"%s\": TLS to servers is not supported; use stun: or turn:", uri);
        return FALSE;
    }
    if (server->scheme == ICE_SERVER_TURN && (!username || !*username || !credential)) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "ICE server \"%s\": a TURN server needs a user name and a credential", uri);
        return FALSE;
    }
    return TRUE;
}

gboolean
pierce_configuration_add_ice_server(PierceConfiguration *self, const char *uri,
                                    const char *username, const char *credential, GError **error)
{
    g_return_val_if_fail(self && uri, FALSE);
    IceServer server = { 0 };
    g_autoptr(GError) why = NULL;

    if (self->servers->len >= MAX_SERVERS) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "ICE server \"%s\": there are %d already, which is the limit", uri,
                    MAX_SERVERS);
        return FALSE;
    }
    if (!ice_server_parse(&server, uri, &why)) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX, why->message);
        return FALSE;
    }
    if (!check_server(&server, uri, username, credential, error)) {
        ice_server_clear(&server);
        return FALSE;
    }
    ConfiguredServer *configured = g_new0(ConfiguredServer, 1);
    configured->server = server;
    configured->username = g_strdup(username);
    configured->credential = g_strdup(credential);
    g_ptr_array_add(self->servers, configured);
    return TRUE;
}

void
pierce_configuration_set_ice_transport_policy(PierceConfiguration *self,
                                              PierceIceTransportPolicy policy)
{
    g_return_if_fail(self);
    self->ice_transport_policy = policy;
}

void
pierce_configuration_set_certificate(PierceConfiguration *self, PierceCertificate *certificate)
{
    g_return_if_fail(self);
    g_set_object(&self->certificate, certificate);
}

void
pierce_configuration_set_max_message_size(PierceConfiguration *self, gsize size_bytes)
{
    g_return_if_fail(self);
    self->max_message_size = CLAMP(size_bytes, LEAST_MAX_MESSAGE_SIZE, LARGEST_MAX_MESSAGE_SIZE);
}

void
pierce_configuration_set_sctp_snap(PierceConfiguration *self, gboolean enabled)
{
    g_return_if_fail(self);
    self->has_sctp_snap = enabled != FALSE;
}

gboolean
pierce_configuration_add_local_address(PierceConfiguration *self, const char *address,
                                       GError **error)
{
    g_return_val_if_fail(self && address, FALSE);
    Address parsed;

    if (!address_parse(&parsed, address, strlen(address))) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "local address \"%s\" is not a numeric IPv4 or IPv6 address", address);
        return FALSE;
    }
    if (self->local_addresses->len >= MAX_LOCAL_ADDRESSES) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "local address \"%s\": there are %d already, which is the limit", address,
                    MAX_LOCAL_ADDRESSES);
        return FALSE;
    }
    g_array_append_val(self->local_addresses, parsed);
    return TRUE;
}

void
pierce_configuration_set_port_range(PierceConfiguration *self, guint16 min_port, guint16 max_port)
{
    g_return_if_fail(self && min_port <= max_port);
    self->min_port = min_port;
    self->max_port = max_port;
}
