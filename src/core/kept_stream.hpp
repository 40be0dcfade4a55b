#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/intrusive/list_hook.hpp>

#include "base/time.hpp"
#include "core/history.hpp"
#include "core/post_keys.hpp"

namespace pipit::core {

/// The groups or the users that streams belong to.
class StreamOwner {
 public:
    /// Nobody needs that stream any more, nor the name behind it.
    virtual void forget_stream(std::string_view name) = 0;

 protected:
    ~StreamOwner() = default;
};

struct InSizeClass;
struct InSweep;
struct InAway;
struct InFirstToGo;
template <class Tag>
using KeptHook = boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class Stream;

/// What is kept of one stream in memory, and the StreamKeeper's notes about it.
struct KeptStream : KeptHook<InSizeClass>, KeptHook<InSweep>, KeptHook<InAway>, KeptHook<InFirstToGo> {
    History history;
    std::unique_ptr<PostKeys> keys;  ///< null: none, and never empty

    std::size_t bytes() const {
        const std::size_t both = history.bytes() + (keys ? keys->bytes() : 0);
        // To be there costs more than this object: the group or the user is there for it alone.
        constexpr std::size_t kAwayBytes = 1'024;
        return both + sizeof(KeptStream) + (owner != nullptr ? kAwayBytes : 0);
    }

    Stream* stream = nullptr;       ///< that it is of, and which has it
    std::size_t counted_bytes = 0;  ///< as the total has them
    base::Instant swept_at{};
    StreamOwner* owner = nullptr;  ///< set while nobody is there, and so until `away_until`
    std::string_view name;
    base::Instant away_until{};
};

}  // namespace pipit::core
