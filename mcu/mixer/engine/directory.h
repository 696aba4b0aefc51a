// SPDX-License-Identifier: GPL-2.0-or-later
// The sources by name. A view may show a name before its source exists, and go on when the source is replaced: it
// holds the slot, not the source.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "source.h"

namespace mcu {

class SourceSlot {
public:
    std::shared_ptr<Source> source() const {
        const std::lock_guard lock(mutex_);
        return source_;
    }

    void set(std::shared_ptr<Source> source) {
        const std::lock_guard lock(mutex_);
        if (source_) source_->retire();
        source_ = std::move(source);
        if (source_) source_->set_seen(watchers_ > 0);
    }

    void watch() {
        const std::lock_guard lock(mutex_);
        if (watchers_++ == 0 && source_) source_->set_seen(true);
    }

    void unwatch() {
        const std::lock_guard lock(mutex_);
        if (--watchers_ == 0 && source_) source_->set_seen(false);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<Source> source_;
    int watchers_ = 0;   // views that show it and are looked at
};

class SourceDirectory {
public:
    std::shared_ptr<SourceSlot> slot(const std::string &name) {
        const std::unique_lock lock(mutex_);
        auto &slot = slots_[name];
        if (!slot) slot = std::make_shared<SourceSlot>();
        return slot;
    }

    std::shared_ptr<Source> find(const std::string &name) const {
        const std::shared_lock lock(mutex_);
        const auto found = slots_.find(name);
        return found == slots_.end() ? nullptr : found->second->source();
    }

    // All sources; forgets the slots that have none and that no view holds.
    std::vector<std::shared_ptr<Source>> all() {
        const std::unique_lock lock(mutex_);
        std::vector<std::shared_ptr<Source>> out;
        std::erase_if(slots_, [&](const auto &entry) {
            auto source = entry.second->source();
            if (source) out.push_back(std::move(source));
            else if (entry.second.use_count() == 1) return true;
            return false;
        });
        return out;
    }

    void clear() {
        std::map<std::string, std::shared_ptr<SourceSlot>> forgotten;
        {
            const std::unique_lock lock(mutex_);
            forgotten.swap(slots_);
        }
        for (const auto &[name, slot] : forgotten) slot->set(nullptr);
    }

private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, std::shared_ptr<SourceSlot>> slots_;
};

}  // namespace mcu
