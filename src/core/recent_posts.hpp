#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "core/name_map.hpp"
#include "core/post_keys.hpp"

namespace pipit::core {

/// Posts that may be sent again to recipients that have no stream, all of one worker together. Owned by one
/// worker.
class RecentPosts {
 public:
    /// With more of them, the oldest are forgotten.
    static constexpr std::size_t kPostsMax = 65'536;

    /// `window`: how long a post is known; 0: not at all.
    explicit RecentPosts(base::Millis window) : window_(window) {}

    /// Null when it is not known. Valid until the next call.
    const PostKeys::Post* find(std::string_view recipient, std::string_view user, std::string_view key,
                               base::Instant now) {
        posts_.drop_until(now - window_);
        return posts_.empty() ? nullptr : posts_.find(user, paired_name(recipient, key));
    }
    /// It must not be known.
    void add(std::string_view recipient, PostKeys::Post post) {
        if (window_.count() == 0) return;
        if (posts_.size() == kPostsMax) posts_.drop_oldest();
        post.key = paired_name(recipient, post.key);
        posts_.add(std::move(post));
    }

 private:
    base::Millis window_;
    PostKeys posts_;
};

}  // namespace pipit::core
