#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/issuer.hpp"
#include "base/result.hpp"
#include "net/key_source.hpp"
#include "net/key_source_schedule.hpp"

namespace pipit::net {

class KeySourceClient;

/// Keeps the keys of all issuers fresh, on a thread of its own, which there is none of without sources.
///
/// Sources are read in rounds: those that are due, together. A source that cannot be read keeps the keys it
/// had, is named in the log with the reason, and is tried again sooner than usual.
class KeyFetcher {
 public:
    /// Everyone we believe from now on, after a round. `fetched` says that the ring is the issuers' latest
    /// word: every source was read without failure within KeySourceSchedule::Timing::fresh_for, so a key that
    /// is still unknown does not exist. Called on the fetcher's thread; it may call everything but start()
    /// and stop().
    using OnKeys = std::function<void(std::shared_ptr<const auth::KeyRing> keys, bool fetched)>;

    /// Those that are `local` are believed as they are; their keys are never read again.
    KeyFetcher(std::vector<auth::Issuer> local, std::vector<KeySource> sources, OnKeys on_keys,
               KeySourceSchedule::Timing timing = {});
    ~KeyFetcher();
    KeyFetcher(const KeyFetcher&) = delete;
    KeyFetcher& operator=(const KeyFetcher&) = delete;

    /// Reads the files, once, before start(). URLs have no keys yet. Fails, naming issuer and file, when one
    /// cannot be read or is not a key set.
    base::Result<std::shared_ptr<const auth::KeyRing>> load_files();

    /// Begins with a round of all sources.
    void start();

    /// A token named an unknown key. Any thread. Reads every source that was not read a moment ago
    /// (Timing::read_again_after); calls made meanwhile share the answer. OnKeys always follows: at once when
    /// there is nothing to read, and on the calling thread when there is no source.
    void fetch_soon();

    /// Reads all sources, however lately they were read. Any thread.
    void reload();

    /// Breaks transfers off and joins the thread; OnKeys is not called after it. May be called twice, and
    /// never from OnKeys. The destructor does it too.
    void stop();

 private:
    void run();
    void begin_reading(std::size_t source);
    void finish_reading(std::size_t source, const base::Result<std::string>& document);
    base::Status take(std::size_t source, const base::Result<std::string>& document);
    auth::Issuer& issuer_of(std::size_t source) { return issuers_[local_count_ + source]; }
    std::shared_ptr<const auth::KeyRing> ring() const;
    void publish();

    // Constant after construction.
    const std::vector<KeySource> sources_;
    const std::size_t local_count_;
    const OnKeys on_keys_;
    const std::unique_ptr<KeySourceClient> client_;
    // The thread's own once it runs.
    std::vector<auth::Issuer> issuers_;  // the local ones, then those of the sources
    KeySourceSchedule schedule_;
    // Wishes of other threads; the client is woken after each.
    std::atomic<bool> soon_wanted_ = false;
    std::atomic<bool> reload_wanted_ = false;
    std::atomic<bool> stop_wanted_ = false;

    std::thread thread_;
};

}  // namespace pipit::net
