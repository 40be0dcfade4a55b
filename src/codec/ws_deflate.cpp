#include "codec/ws_deflate.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <zlib.h>

#include "base/assert.hpp"

namespace pipit::codec {
namespace {

// RFC 7692 section 7.2.1: a sync flush ends in an empty stored block, of which everything but the header bits
// is cut off and put back by the receiver.
constexpr std::string_view kSyncTail("\0\0\xff\xff", 4);

constexpr std::size_t kFirstBufferBytes = 4096;

Bytef* bytes_of(std::string_view text) {
    // zlib's input pointer is not const unless the program is compiled for it; it never writes there.
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

Deflater::Deflater(int level, int window_bits) : stream_(new z_stream_s{}) {
    PIPIT_ASSERT(level >= 1 && level <= 9);
    PIPIT_ASSERT(window_bits >= 9 && window_bits <= 15);
    constexpr int kMemoryLevel = 8;
    const int status =
        deflateInit2(stream_.get(), level, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    PIPIT_ASSERT(status == Z_OK);
}

Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

void Deflater::Free::operator()(z_stream_s* stream) const noexcept {
    deflateEnd(stream);
    delete stream;
}

void Deflater::compress(std::string_view message, std::string& out) {
    z_stream& stream = *stream_;
    PIPIT_ASSERT(deflateReset(&stream) == Z_OK);
    PIPIT_ASSERT(message.size() <= UINT32_MAX / 2);

    // deflateBound() covers a finished stream; the flush marker comes on top. With room to spare one call
    // does it all.
    constexpr std::size_t kFlushBytes = 16;
    const std::size_t begin = out.size();
    const std::size_t room = deflateBound(&stream, static_cast<uLong>(message.size())) + kFlushBytes;
    out.resize(begin + room);
    stream.next_in = bytes_of(message);
    stream.avail_in = static_cast<uInt>(message.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
    stream.avail_out = static_cast<uInt>(room);
    const int status = deflate(&stream, Z_SYNC_FLUSH);
    PIPIT_ASSERT(status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0);
    out.resize(out.size() - stream.avail_out);
    PIPIT_ASSERT(std::string_view(out).ends_with(kSyncTail));
    out.resize(out.size() - kSyncTail.size());
}

Inflater::Inflater() : stream_(new z_stream_s{}) {
    const int status = inflateInit2(stream_.get(), -15);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    PIPIT_ASSERT(status == Z_OK);
}

Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

void Inflater::Free::operator()(z_stream_s* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
}

Inflater::Inflated Inflater::inflate(std::string_view payload, std::size_t message_bytes_max) {
    PIPIT_ASSERT(inflateReset(stream_.get()) == Z_OK);
    message_bytes_ = 0;
    for (const std::string_view part : {payload, kSyncTail}) {
        const Outcome outcome = inflate_part(part, message_bytes_max);
        if (outcome != Outcome::ok) return {outcome, {}};
    }
    // A whole message leaves zlib between two blocks, which it tells by this bit of data_type.
    constexpr int kBetweenBlocks = 128;
    if ((stream_->data_type & kBetweenBlocks) == 0) return {Outcome::corrupt, {}};
    return {Outcome::ok, {buffer_.get(), message_bytes_}};
}

Inflater::Outcome Inflater::inflate_part(std::string_view part, std::size_t message_bytes_max) {
    z_stream& stream = *stream_;
    PIPIT_ASSERT(part.size() <= UINT32_MAX);
    stream.next_in = bytes_of(part);
    stream.avail_in = static_cast<uInt>(part.size());
    for (;;) {
        if (message_bytes_ == buffer_bytes_) grow(message_bytes_max);
        // When the limit is reached there is room for one byte more, to see whether one comes.
        Bytef excess = 0;
        const std::size_t room = std::min(buffer_bytes_, message_bytes_max) - message_bytes_;
        stream.next_out = room > 0 ? reinterpret_cast<Bytef*>(buffer_.get() + message_bytes_) : &excess;
        stream.avail_out = static_cast<uInt>(std::clamp<std::size_t>(room, 1, UINT32_MAX));
        const uInt offered = stream.avail_out;
        const int status = ::inflate(&stream, Z_SYNC_FLUSH);
        const uInt produced = offered - stream.avail_out;
        if (room == 0 && produced > 0) return Outcome::too_big;
        message_bytes_ += produced;

        switch (status) {
            case Z_STREAM_END:
                // A block marked as final ends a stream but not the message (RFC 7692 section 7.2.3.4): the
                // next block begins at the next byte and may refer back, so unlike inflateReset() this keeps
                // the window.
                PIPIT_ASSERT(inflateResetKeep(&stream) == Z_OK);
                if (stream.avail_in == 0) return Outcome::ok;
                break;
            case Z_OK:
                if (stream.avail_in == 0 && stream.avail_out > 0) return Outcome::ok;
                break;
            case Z_BUF_ERROR:  // no input left and, as it turned out, no output pending either
                return stream.avail_in == 0 ? Outcome::ok : Outcome::corrupt;
            case Z_MEM_ERROR:
                throw std::bad_alloc();
            default:
                return Outcome::corrupt;
        }
    }
}

void Inflater::grow(std::size_t message_bytes_max) {
    const std::size_t wanted = std::min(std::max(2 * buffer_bytes_, kFirstBufferBytes), message_bytes_max);
    if (wanted <= buffer_bytes_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (message_bytes_ > 0) std::memcpy(larger.get(), buffer_.get(), message_bytes_);
    buffer_ = std::move(larger);
    buffer_bytes_ = wanted;
}

}  // namespace pipit::codec
