#pragma once
// Why a key of RocketMQ does nothing here. Each text completes "accepted, no effect, because …".

#include <string_view>

namespace ogive::settings {

// clang-format off
inline constexpr std::string_view kNoPools = "requests run on the reactors, there is no pool per request kind";
inline constexpr std::string_view kNoQueues = "requests do not queue per pool, admission control bounds them";
inline constexpr std::string_view kNoMappings = "segments are written with pwritev and read through the tail cache, not through mappings";
inline constexpr std::string_view kFlushByCompletion = "the flusher syncs as soon as the previous sync is done, not by page counts or timers";
inline constexpr std::string_view kNetty = "it tunes Netty, and the reactors do their own buffering";
inline constexpr std::string_view kNoRocksDb = "this release has no RocksDB store";
inline constexpr std::string_view kNoLite = "this release has no lite topics";
inline constexpr std::string_view kNoController = "this release has no controller mode";
inline constexpr std::string_view kNoDledger = "this release has no DLedger commit log";
inline constexpr std::string_view kNoPlugIns = "this release has no store plug-ins";
inline constexpr std::string_view kNoActingMaster = "this release has no slave acting as master";
inline constexpr std::string_view kNoColdControl = "this release has no cold-data flow control";
inline constexpr std::string_view kNoCompaction = "this release has no compaction topics";
inline constexpr std::string_view kNoPopKv = "pop state is kept in files, not in RocksDB";
inline constexpr std::string_view kLogOnly = "it only adds log lines in the original";
inline constexpr std::string_view kNoOtel = "this release exports no OpenTelemetry metrics";
inline constexpr std::string_view kNoCommercial = "this release keeps no commercial statistics";
inline constexpr std::string_view kNoDispatchThread = "consume-queue entries are made by the append itself, there is no dispatch thread to tune";
inline constexpr std::string_view kNoAppendLock = "the append section has no lock to choose";
inline constexpr std::string_view kNoExtFiles = "this release writes no consume-queue extension files";
inline constexpr std::string_view kNamesLookedUp = "host names of name servers are looked up at every registration";
inline constexpr std::string_view kWholeRegistration = "a change registers all topics, once per turn and name server";
inline constexpr std::string_view kNoSplit = "a registration is one request here, however many topics it has";
inline constexpr std::string_view kNoTimerThreads = "the timer has no threads of its own";
inline constexpr std::string_view kNoAddressServer = "name servers are listed in namesrvAddr, there is no address server";
inline constexpr std::string_view kNoSuchMechanism = "the mechanism it tunes does not exist here";
inline constexpr std::string_view kOneAuthProvider = "users, policies and caches have one built-in implementation";
// clang-format on

}  // namespace ogive::settings
