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
inline constexpr std::string_view kNoRocksDb = "RocksDB only keeps copies here, nothing is read from it while serving";
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
inline constexpr std::string_view kNoAuth = "this release checks no signatures and permissions; it does not start when they are asked for";
inline constexpr std::string_view kNoTransactions = "this release serves no transactions";
inline constexpr std::string_view kAsTheyConnect = "slaves are counted as they connect, there is no list of them";
inline constexpr std::string_view kOwnSyncPeriod = "a slave asks every half second an Ogive master, and every minute one of RocketMQ";
inline constexpr std::string_view kNoSql = "this release has no SQL92 filters";
inline constexpr std::string_view kNoBroadcastOffsets = "broadcast consumers keep their progress themselves";
inline constexpr std::string_view kNoPop = "this release serves no pop consumption";
inline constexpr std::string_view kClientsAssign = "clients assign their queues themselves in this release";
inline constexpr std::string_view kNoRequestReply = "this release serves no request-reply messages";
inline constexpr std::string_view kNoStats = "this release keeps no statistics per topic and group";
inline constexpr std::string_view kAlwaysAtOnce = "consumers are always told at once";
inline constexpr std::string_view kVersionBySave = "the version of the delay offsets changes with every save";
inline constexpr std::string_view kWithItsClient = "a subscription goes with its last client";
inline constexpr std::string_view kNoTimer = "this release has no timer messages at arbitrary times";
inline constexpr std::string_view kAlwaysKept = "the table of producers is always kept";
inline constexpr std::string_view kLikeAnyGroup = "groups with a reserved name are always created by their first use";
inline constexpr std::string_view kSystemBuffers = "outgoing connections carry little, the system sizes their buffers";
inline constexpr std::string_view kDrains = "a stop always finishes what is under way, for at most two seconds";
inline constexpr std::string_view kNoRetention = "this release deletes no files of the store";
inline constexpr std::string_view kNoIndex = "this release has no index by key";
inline constexpr std::string_view kNoBatchQueues = "this release has no batch consume queues";
inline constexpr std::string_view kAlwaysChecked = "every message read at start is checked";
inline constexpr std::string_view kWaitsForAck = "a send waits for what its acknowledgement promises, bounded by syncFlushTimeout";
inline constexpr std::string_view kNoLmq = "this release has no light message queues";
inline constexpr std::string_view kShortTopics = "topics have at most 127 bytes in this release";
inline constexpr std::string_view kBoundedByTransfer = "maxTransferCountOnMessageInMemory and …InDisk bound a pull";
// clang-format on

}  // namespace ogive::settings
