// Entry of the simulation programs: silent servers, unless OGIVE_SIM_LOG is set.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ogive::log::Options logging;
  logging.level = std::getenv("OGIVE_SIM_LOG") != nullptr ? ogive::log::Level::debug : ogive::log::Level::none;
  ogive::log::start(logging);
  return RUN_ALL_TESTS();
}
