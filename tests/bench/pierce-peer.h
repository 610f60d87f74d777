/* The peer that pierce-bench runs twice: what peers/PROTOCOL.md says, spoken by libpierce. */
#pragma once

/* Obeys standard input until its end.  Returns the exit code. */
int pierce_peer_run(void);
