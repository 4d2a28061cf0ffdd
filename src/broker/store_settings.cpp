#include "broker/store_settings.h"

namespace ogive::broker {

store::RetentionSettings retention_settings(const settings::Settings& settings) {
  store::RetentionSettings retention;
  retention.reserved_ms = settings.get_int("fileReservedTime") * 3'600'000;
  // The original waits for four o'clock also when nobody asked for it; a file that is old enough need not wait.
  if (settings.is_given("deleteWhen")) {
    retention.hours = store::parse_delete_hours(settings.get_string("deleteWhen")).value_or(std::vector<int>());
  }
  retention.max_bytes = static_cast<std::uint64_t>(settings.get_int("retentionBytes"));
  retention.clean_percent = static_cast<int>(settings.get_int("diskMaxUsedSpaceRatio"));
  retention.force_percent = static_cast<int>(settings.get_int("diskSpaceCleanForciblyRatio"));
  retention.force = settings.get_bool("cleanFileForciblyEnable");
  retention.refuse_percent = static_cast<int>(settings.get_int("diskSpaceWarningLevelRatio"));
  retention.max_files = static_cast<std::size_t>(std::max<std::int64_t>(1, settings.get_int("deleteFileBatchMax")));
  retention.interval_ms = settings.get_int("cleanResourceInterval");
  retention.file_interval_ms = settings.get_int("deleteCommitLogFilesInterval");
  return retention;
}

Result<store::StoreOptions> store_options(const settings::Settings& settings) {
  if (auto hours = store::parse_delete_hours(settings.get_string("deleteWhen")); !hours) return fail(hours.error());
  store::StoreOptions options;
  options.root = settings.get_string("storePathRootDir");
  options.commit_log_path = settings.get_string("storePathCommitLog");
  options.read_only_commit_log_paths = settings.get_string("readOnlyCommitLogStorePaths");
  options.segment_bytes = static_cast<std::uint64_t>(settings.get_int("mappedFileSizeCommitLog"));
  options.consume_queue_file_bytes = static_cast<std::uint64_t>(settings.get_int("mappedFileSizeConsumeQueue"));
  options.batch_queue_file_bytes = static_cast<std::uint64_t>(settings.get_int("mapperFileSizeBatchConsumeQueue"));
  options.index_enabled = settings.get_bool("messageIndexEnable") && settings.get_bool("indexFileWriteEnable");
  options.index_shape = {static_cast<std::int32_t>(settings.get_int("maxHashSlotNum")),
                         static_cast<std::int32_t>(settings.get_int("maxIndexNum"))};
  options.flush_interval = Milliseconds(settings.get_int("flushIntervalCommitLog"));
  options.read_flushed_only = settings.get_bool("readFlushedOnly");
  options.append_property_crc = settings.get_bool("enabledAppendPropCRC");
  options.verify_property_crc = settings.get_bool("forceVerifyPropCRC");
  options.expect_syncs = settings.get_string("flushDiskType") == "SYNC_FLUSH";
  options.retention = retention_settings(settings);
  return options;
}

}  // namespace ogive::broker
