"""Apache RocketMQ's own name server and broker, started beside Ogive's: resolved by Maven, flags of its launch scripts."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

from harness import ROOT, Program, request

ORACLE = ROOT / "tests/interop/oracle"
VERSION = "5.5.0"
MODULES = ["--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED", "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
           "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
           "--add-opens=java.base/java.lang=ALL-UNNAMED"]
G1 = ["-XX:+UseG1GC", "-XX:G1HeapRegionSize=16m", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30",
      "-XX:SoftRefLRUPolicyMSPerMB=0", "-XX:-OmitStackTraceInFastThrow", "-XX:-UseLargePages"]
PATIENCE = 120
SETTLE_SECONDS, IDLE_SHARE = 20, 0.15  # Idle it takes 9 % of a core.


def resolve():
    """The folder of the jars."""
    library = pathlib.Path(os.environ.get("ORACLE_LIB", ORACLE / "target/lib"))
    if not (library / f"rocketmq-broker-{VERSION}.jar").exists():
        for tool in ("java", "mvn"):
            if not shutil.which(tool):
                sys.exit(f"{tool} is missing: Apache RocketMQ {VERSION} cannot be resolved")
        subprocess.run(["mvn", "-q", "-B", "-f", str(ORACLE / "pom.xml"), "package"], check=True, timeout=600)
    return library


def broker_flags(heap):
    """As runbroker.sh gives them to a JDK from 9 on, but for the size of the heap."""
    return ["-server", f"-Xms{heap}", f"-Xmx{heap}", *G1, "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=15g"]


def thrifty_flags():
    """What somebody would give it who wants to see little memory used."""
    return ["-server", "-Xms64m", "-Xmx512m", *G1, "-XX:MaxDirectMemorySize=512m"]


NAMESRV_FLAGS = ["-server", "-Xms4g", "-Xmx4g", "-Xmn2g", *G1]  # runserver.sh


class JavaPair:
    """Name server and broker of one store. Ports are those of the setup's own pair plus 20."""

    def __init__(self, setup, flags, **settings):
        self.setup = setup
        self.home = setup.directory / f"java-{setup.runs}"
        self.store = setup.new_store()
        self.namesrv_port, self.broker_port = setup.namesrv_port + 20, setup.broker_port + 20
        (self.home / "conf").mkdir(parents=True)
        library = resolve()
        self.namesrv = self.start(library, "namesrv", NAMESRV_FLAGS, self.namesrv_port,
                                  f"listenPort={self.namesrv_port}\nbindAddress=127.0.0.1\nkvConfigPath={self.home}/kvConfig.json\n"
                                  f"configStorePath={self.home}/namesrv.properties\n")
        self.slave = self.slave_store = None
        try:
            self.start_broker(flags, **settings)
        except BaseException:
            self.namesrv.kill()
            raise

    def start_broker(self, flags, **settings):
        """On its store as it is."""
        self.broker = self.start(resolve(), "broker", flags, self.broker_port,
                                 self.setup.broker_settings(self.store, self.broker_port, self.namesrv_port, **settings))

    def start_slave(self, flags, **settings):
        port, self.slave_store = self.broker_port + 5, self.setup.new_store()
        self.slave = self.start(resolve(), "broker", flags, port,
                                self.setup.broker_settings(self.slave_store, port, self.namesrv_port, **settings))
        return self.slave

    def start(self, library, name, flags, port, text):
        config = self.home / f"{name}-{port}.conf"
        config.write_text(text)
        main = f"org.apache.rocketmq.{name}.{name.capitalize()}Startup"
        command = ["java", *flags, *MODULES, f"-Duser.home={self.home}", f"-Drocketmq.home.dir={self.home}", "-cp", f"{library}/*",
                   main, "-c", str(config)]
        return Program(self.setup, f"java-{name}", command, port, PATIENCE,
                       {"HOME": str(self.home), "ROCKETMQ_HOME": str(self.home)})

    def pause(self):
        self.broker.pause()
        self.namesrv.pause()

    def resume(self):
        self.namesrv.resume()
        self.broker.resume()

    def settle(self):
        """Waits until the broker has caught up with what its timers missed and its queues lag behind the log."""
        for _ in range(SETTLE_SECONDS):
            before = self.broker.cpu_ns()
            time.sleep(1)
            if self.broker.cpu_ns() - before < IDLE_SHARE * 1e9:
                return

    def stop(self):
        self.resume()
        if self.slave:
            self.slave.stop(60)
            shutil.rmtree(self.slave_store, ignore_errors=True)
        self.broker.stop(60)
        self.namesrv.stop(30)
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


def wait_for_route(port, topic="OgiveBench", patience=60):
    """Until the name server at `port` knows the topic."""
    began = time.monotonic()
    while request(port, 105, topic=topic)[0]["code"] != 0:
        if time.monotonic() - began > patience:
            sys.exit(f"the name server at port {port} does not know topic {topic} after {patience} s")
        time.sleep(0.1)
