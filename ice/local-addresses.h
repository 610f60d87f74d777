/* This host's addresses that candidates are made of: RFC 8445 section 5.1.1.1. */
#pragma once

#include "ice/address.h"

/* With port 0.  Not loopback, not link-local, and not of the interfaces that containers and virtual
 * machines leave behind (docker, veth, virbr, vnet).  A GArray of Address. */
GArray *local_addresses_list(void);
