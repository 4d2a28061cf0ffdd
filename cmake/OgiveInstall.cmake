# `cmake --install build/release --prefix DIR` lays out DIR as a binary release of RocketMQ is laid out:
# bin/ conf/ LICENSE NOTICE. The binary lies beside its launchers.
if(TARGET ogive)
  install(TARGETS ogive RUNTIME DESTINATION bin)
endif()
install(PROGRAMS bin/mqnamesrv bin/mqbroker bin/mqadmin bin/mqshutdown DESTINATION bin)
install(FILES bin/ogive-launch.sh DESTINATION bin)
install(DIRECTORY conf/ DESTINATION conf)
install(FILES LICENSE NOTICE README.md DESTINATION . OPTIONAL)
