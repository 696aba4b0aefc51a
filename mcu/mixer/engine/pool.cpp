// SPDX-License-Identifier: GPL-2.0-or-later
#include "pool.h"

#include <ctime>

#include <algorithm>
#include <utility>

namespace mcu {

Pool::Pool(int threads) {
    if (threads <= 0) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void Pool::serve(std::shared_ptr<Strand> strand) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            waiting_.push_back(std::move(strand));
            wake_.notify_one();
            return;
        }
    }
    strand->forget();
}

void Pool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
    for (auto &thread : threads_)
        if (thread.joinable()) thread.join();
    std::deque<std::shared_ptr<Strand>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (const auto &strand : waiting) strand->forget();
}

void Pool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (stopped_) return;
        auto strand = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        if (strand->run_one()) serve(std::move(strand));
        strand.reset();
        lock.lock();
    }
}

void Strand::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        if (scheduled_) return;
        scheduled_ = true;
    }
    pool_.serve(shared_from_this());
}

bool Strand::run_one() {
    Task task;
    {
        const std::lock_guard lock(mutex_);
        task = std::move(tasks_.front());
        tasks_.pop_front();
    }
    // Out of memory for one picture is one picture less, not the end of the process and of all other views.
    try {
        task();
    } catch (...) {
        ++pool_.faults_;
    }
    task = nullptr;
    const std::lock_guard lock(mutex_);
    scheduled_ = !tasks_.empty();
    return scheduled_;
}

void Strand::forget() {
    std::deque<Task> tasks;
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    scheduled_ = false;
}

uint64_t thread_cpu_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace mcu
