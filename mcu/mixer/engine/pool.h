// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's threads, and strands: queues whose tasks run one after the other, on whichever thread is free.
#pragma once

#include <atomic>
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

class Strand;

// Serves strands, one task of each in turn, in the order in which they asked. No strand goes first: when the cores don't
// suffice, views skip pictures (a late one is replaced by the next), and sources keep up for longer.
class Pool {
public:
    explicit Pool(int threads);
    ~Pool() { stop(); }
    void stop();   // waits for the running tasks, forgets the others
    uint64_t faults() const { return faults_; }   // tasks that ended with an exception

private:
    friend class Strand;
    void serve(std::shared_ptr<Strand> strand);
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Strand>> waiting_;
    bool stopped_ = false;
    std::atomic<uint64_t> faults_ = 0;
    std::vector<std::thread> threads_;
};

class Strand : public std::enable_shared_from_this<Strand> {
public:
    explicit Strand(Pool &pool) : pool_(pool) {}
    void post(Task task);   // dropped after Pool::stop()

private:
    friend class Pool;
    bool run_one();   // whether there is another task
    void forget();    // what tasks captured may own this strand

    Pool &pool_;
    std::mutex mutex_;
    std::deque<Task> tasks_;
    bool scheduled_ = false;
};

// CPU time of the calling thread in nanoseconds.
uint64_t thread_cpu_ns();

}  // namespace mcu
