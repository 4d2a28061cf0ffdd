#pragma once
// Every state in which a crash can leave a disk: record what a scenario does, then visit each crash and check recovery.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "testing/sim_disk.h"

namespace ogive::sim {

enum class CrashKind : std::uint8_t {
  kProcess,    ///< All changes before the crash are there: the page cache survives.
  kTornWrite,  ///< As kProcess, and the write that was going on has arrived up to some page.
  kPowerLoss,  ///< Unsynced bytes and names are kept, dropped or torn.
};

/// One possible state after a crash. `disk` belongs to the visit: mount it with a SimFileSystem and recover from it.
struct CrashImage {
  std::size_t changes = 0;  ///< Changes of the trace completed before the crash.
  CrashKind kind = CrashKind::kProcess;
  std::uint64_t seed = 0;  ///< Of the power loss.
  SimDisk& disk;
  /// "power loss after 17 of 40 changes (write #12 4096+200), seed 3": for SCOPED_TRACE.
  std::string description;
};

/// Records from construction on. Usage: construct, run the scenario, enumerate().
class CrashRecorder {
 public:
  /// The disk must outlive this and must not lose power while it records.
  explicit CrashRecorder(SimDisk& disk);

  /// Ends the recording (first call) and visits, for every prefix of the recorded changes, the process crash, the torn
  /// write where a write of several pages follows, and `power_losses` different power losses.
  void enumerate(std::size_t power_losses, const std::function<void(CrashImage&)>& visit);
  const std::vector<DiskChange>& trace() const { return trace_; }

 private:
  SimDisk& disk_;
  std::unique_ptr<SimDisk> base_;
  bool recording_ = true;
  std::vector<DiskChange> trace_;
};

}  // namespace ogive::sim
