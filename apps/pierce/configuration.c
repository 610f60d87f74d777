/* Owns the way from the options --stun, --turn, --relay-only and --no-relay to a configuration. */
#include "configuration.h"

PierceConfiguration *
configuration_from_options(const Options *options, GError **error)
{
    g_autoptr(PierceConfiguration) configuration = pierce_configuration_new();

    for (guint i = 0; options->stun && options->stun[i]; i++) {
        if (!pierce_configuration_add_ice_server(configuration, options->stun[i], NULL, NULL,
                                                 error))
            return NULL;
    }
    for (guint i = 0; !options->no_relay && options->turn && options->turn[i]; i++) {
        if (!pierce_configuration_add_ice_server(configuration, options->turn[i],
                                                 options->turn_username, options->turn_credential,
                                                 error))
            return NULL;
    }
    if (options->relay_only)
        pierce_configuration_set_ice_transport_policy(configuration,
                                                      PIERCE_ICE_TRANSPORT_POLICY_RELAY);
    return g_steal_pointer(&configuration);
}
