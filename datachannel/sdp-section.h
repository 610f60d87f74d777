/* The m= sections of a peer's description, and which one its bundle travels by: RFC 9143. */
#pragma once

#include "datachannel/sdp.h"

/* One m= section, kept so that an answer or a later offer can name it at the same place. */
typedef struct {
    char *media;
    char *protocol;
    char *format; /* the first one */
    char *mid;    /* or NULL */
    gboolean is_bundled;
    gboolean is_carrier; /* audio or video by whose transport the data channels travel */
    char *codec;         /* what a carrier calls its format, "opus/48000/2", or NULL */
} SdpSection;

/* A GArray of SdpSection, all of them in their order; NULL with @error where a mid is none. */
GArray *sdp_sections_read(const SdpDescription *description, GError **error);

/* The first section of the group that @mid is bundled in, or NULL. */
const SdpMedia *sdp_sections_find_tagged(const SdpDescription *description, const char *mid);

/* Marks the section, other than @data itself, that gives its transport to the data channels. */
void sdp_sections_mark_carrier(GArray *sections, const SdpDescription *description,
                               const SdpMedia *data);
