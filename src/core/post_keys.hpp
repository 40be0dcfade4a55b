#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/time.hpp"
#include "core/growing_ring.hpp"
#include "core/ids.hpp"

namespace pipit::core {

/// What has become of the notification of a post.
enum class NotificationOutcome : std::uint8_t { pending, kept, not_kept };

/// Posts that may be sent again, by their user and key: the newest of one recipient. Owned by one worker.
class PostKeys {
 public:
    struct Post {
        UserId user;
        std::string key;
        std::uint64_t offset;  ///< 0: it has no place
        base::Instant at;
        std::shared_ptr<NotificationOutcome> notification = {};  ///< null: it has notified nobody
    };

    PostKeys() = default;
    PostKeys(const PostKeys&) = delete;
    PostKeys& operator=(const PostKeys&) = delete;

    bool empty() const { return posts_.empty(); }
    std::size_t size() const { return posts_.size(); }
    const Post& oldest() const { return posts_.front(); }
    /// Null when it is not known. Valid until the next change.
    const Post* find(std::string_view user, std::string_view key) const {
        const auto found = index_.find(Name{user, key});
        return found == index_.end() ? nullptr : &at(*found);
    }
    /// It must not be known.
    void add(Post post) {
        key_bytes_ += bytes_of(post);
        posts_.push_back(std::move(post));
        index_.insert(static_cast<Serial>(first_ + posts_.size() - 1));
    }
    void drop_oldest() {
        index_.erase(first_);
        key_bytes_ -= bytes_of(posts_.front());
        posts_.pop_front();
        ++first_;
    }
    void drop_until(base::Instant moment) {
        while (!posts_.empty() && posts_.front().at <= moment)
            drop_oldest();
    }

    /// About how much memory it takes. The names of users are shared with others and not counted.
    std::size_t bytes() const {
        return posts_.bytes() + key_bytes_ + index_.bucket_count() * (sizeof(Serial) + 1);
    }

 private:
    using Serial = std::uint32_t;  // counts posts, round and round
    struct Name {
        std::string_view user, key;
        friend bool operator==(const Name&, const Name&) = default;
    };
    const Post& at(Serial serial) const { return posts_[static_cast<Serial>(serial - first_)]; }
    Name name_of(Serial serial) const { return {*at(serial).user, at(serial).key}; }
    static std::size_t bytes_of(const Post& post) {
        constexpr std::size_t kInside = 15;  // bytes that a string has room for
        return post.key.capacity() > kInside ? post.key.capacity() : 0;
    }

    struct Hash {
        using is_transparent = void;
        const PostKeys* keys;
        std::size_t operator()(const Name& name) const {
            const std::hash<std::string_view> hash;
            return hash(name.user) * 31 + hash(name.key);
        }
        std::size_t operator()(Serial serial) const { return operator()(keys->name_of(serial)); }
    };
    struct Equal {
        using is_transparent = void;
        const PostKeys* keys;
        bool operator()(Serial a, Serial b) const { return a == b; }
        bool operator()(const Name& a, Serial b) const { return a == keys->name_of(b); }
        bool operator()(Serial a, const Name& b) const { return operator()(b, a); }
    };

    GrowingRing<Post> posts_;
    Serial first_ = 0;
    std::size_t key_bytes_ = 0;
    boost::unordered_flat_set<Serial, Hash, Equal> index_{0, Hash{this}, Equal{this}};
};

}  // namespace pipit::core
