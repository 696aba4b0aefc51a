// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's threads, and strands: queues whose tasks run one after the other, on whichever thread is free.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace mcu {

using Task = std::function<void()>;

// Composing and encoding go in front of decoding: when the cores don't suffice, sources lose pictures and the views
// go on, instead of the views lagging behind.
enum class Urgency { view, source };

class Pool {
public:
    explicit Pool(int threads);
    ~Pool() { stop(); }
    void post(Urgency urgency, Task task);   // dropped after stop()
    void stop();                             // waits for the running tasks, forgets the others

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> view_tasks_, source_tasks_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

class Strand : public std::enable_shared_from_this<Strand> {
public:
    Strand(Pool &pool, Urgency urgency) : pool_(pool), urgency_(urgency) {}
    void post(Task task);

private:
    void schedule();
    void run_one();   // one task a turn, so that strands take turns fairly

    Pool &pool_;
    const Urgency urgency_;
    std::mutex mutex_;
    std::deque<Task> tasks_;
    bool scheduled_ = false;
};

// CPU time of the calling thread in nanoseconds.
uint64_t thread_cpu_ns();

}  // namespace mcu
