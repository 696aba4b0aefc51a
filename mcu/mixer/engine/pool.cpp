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

void Pool::post(Urgency urgency, Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        (urgency == Urgency::view ? view_tasks_ : source_tasks_).push_back(std::move(task));
    }
    wake_.notify_one();
}

void Pool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
    for (auto &thread : threads_)
        if (thread.joinable()) thread.join();
    // Their captures may own the last reference to what posts here: destroy them without the lock.
    std::deque<Task> view_tasks, source_tasks;
    {
        const std::lock_guard lock(mutex_);
        view_tasks.swap(view_tasks_);
        source_tasks.swap(source_tasks_);
    }
}

void Pool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopped_ || !view_tasks_.empty() || !source_tasks_.empty(); });
        if (stopped_) return;
        auto &tasks = view_tasks_.empty() ? source_tasks_ : view_tasks_;
        Task task = std::move(tasks.front());
        tasks.pop_front();
        lock.unlock();
        task();
        task = nullptr;
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
    schedule();
}

void Strand::schedule() {
    pool_.post(urgency_, [self = shared_from_this()] { self->run_one(); });
}

void Strand::run_one() {
    Task task;
    {
        const std::lock_guard lock(mutex_);
        task = std::move(tasks_.front());
        tasks_.pop_front();
    }
    task();
    task = nullptr;
    {
        const std::lock_guard lock(mutex_);
        scheduled_ = !tasks_.empty();
        if (!scheduled_) return;
    }
    schedule();
}

uint64_t thread_cpu_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace mcu
