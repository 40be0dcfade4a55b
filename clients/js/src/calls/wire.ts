// What the two sides of a call send each other: members of PROTOCOL.md, section 2.11, which keep their names in every bundle.

export type Signal = { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null };
