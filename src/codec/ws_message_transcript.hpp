#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "codec/ws_message.hpp"

namespace pipit::codec {

/// A Step that owns its payload, to be compared. For tests and fuzzers.
struct Heard {
    Step::Kind kind = Step::Kind::need_more;
    std::string payload;
    std::optional<std::uint16_t> close_code;
    friend bool operator==(const Heard&, const Heard&) = default;
};

/// Everything that a new reader reports for `bytes` when they come in pieces; `next_piece_bytes()` says how
/// long the next piece is and must not be 0. Each piece lies in an allocation of its own, so that sanitizers
/// see its edges.
template <class NextPieceBytes>
std::vector<Heard> transcript(const ReaderSettings& settings, std::string_view bytes,
                              NextPieceBytes&& next_piece_bytes) {
    MessageReader reader(settings);
    Inflater inflater;
    std::vector<Heard> all;
    while (!bytes.empty()) {
        const std::string_view piece =
            bytes.substr(0, std::min<std::size_t>(next_piece_bytes(), bytes.size()));
        bytes.remove_prefix(piece.size());
        std::vector<std::uint8_t> memory(piece.begin(), piece.end());
        std::span<std::uint8_t> input(memory);
        for (;;) {
            const Step step = reader.next(input, inflater);
            if (step.kind == Step::Kind::need_more) break;
            all.push_back({step.kind, std::string(step.payload), step.close_code});
        }
    }
    return all;
}

}  // namespace pipit::codec
