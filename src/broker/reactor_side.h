#pragma once
// One reactor's share of the message paths.

#include <memory>
#include <vector>

#include "broker/consume/pull_path.h"
#include "broker/produce/send_back_path.h"
#include "broker/produce/send_path.h"

namespace ogive::broker {

/// Used on its reactor's thread only, except where a path says otherwise.
struct ReactorSide {
  std::unique_ptr<SendPath> send;
  std::unique_ptr<SendBackPath> send_back;
  std::unique_ptr<PullPath> pull;
};

/// By reactor index.
using ReactorSides = std::vector<ReactorSide>;

}  // namespace ogive::broker
