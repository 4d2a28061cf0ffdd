package ogive.interop;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs scenarios against the server given: InteropMain --namesrv HOST:PORT [--later | --notified] [--filter REGEX] [--parallel N].
 * Prints `PASS name ms` or `FAIL name reason` per scenario and `N passed, N failed`; exit status 1 when one failed.
 */
public final class InteropMain {
    private static final long SCENARIO_LIMIT_S = 180;

    private InteropMain() {
    }

    public static void main(String[] args) throws Exception {
        String namesrv = "127.0.0.1:9876";
        String filter = ".*";
        int parallel = 4;
        String list = "";
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--namesrv": namesrv = args[++i]; break;
                case "--filter": filter = args[++i]; break;
                case "--parallel": parallel = Integer.parseInt(args[++i]); break;
                case "--later":
                case "--notified": list = args[i]; break;
                default: throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        Map<String, Scenario> selected = new LinkedHashMap<>();
        for (Map.Entry<String, Scenario> e : scenarios(list).entrySet()) {
            if (e.getKey().matches(filter)) {
                selected.put(e.getKey(), e.getValue());
            }
        }
        System.exit(runAll(selected, namesrv, parallel) ? 0 : 1);
    }

    private static Map<String, Scenario> scenarios(String list) throws Exception {
        Map<String, Scenario> all = new LinkedHashMap<>();
        if (list.equals("--later")) {
            addByName("ogive.interop.v5.LaterScenarios", all);
            return all;
        }
        if (list.equals("--notified")) {
            PushScenarios.addNotified(all);
            return all;
        }
        RetryScenarios.addTo(all);
        SendScenarios.addTo(all);
        PushScenarios.addTo(all);
        PullScenarios.addTo(all);
        OffsetScenarios.addTo(all);
        NameScenarios.addTo(all);
        addByName("ogive.interop.v5.AdminScenarios", all);
        addByName("ogive.interop.v5.NewerScenarios", all);
        return all;
    }

    // Classes of the package v5 are not there when built for the 4.9 client.
    private static void addByName(String className, Map<String, Scenario> all) throws Exception {
        try {
            Class.forName(className).getMethod("addTo", Map.class).invoke(null, all);
        } catch (ClassNotFoundException e) {
            System.out.println("SKIP " + className + " (not built for this client version)");
        }
    }

    private static boolean runAll(Map<String, Scenario> selected, String namesrv, int parallel) throws Exception {
        ThreadFactory daemons = r -> {
            Thread t = new Thread(r);
            t.setDaemon(true);
            return t;
        };
        ExecutorService lanes = Executors.newFixedThreadPool(parallel, daemons);
        ExecutorService bodies = Executors.newCachedThreadPool(daemons);
        String run = Long.toString(System.currentTimeMillis(), 36);
        AtomicInteger passed = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        for (Map.Entry<String, Scenario> e : selected.entrySet()) {
            lanes.submit(() -> {
                boolean ok = runOne(e.getKey(), e.getValue(), namesrv, e.getKey().replace('-', '_') + "_" + run, bodies);
                (ok ? passed : failed).incrementAndGet();
            });
        }
        lanes.shutdown();
        if (!lanes.awaitTermination(30, TimeUnit.MINUTES)) {
            System.out.println("FAIL suite not finished within 30 minutes");
            failed.incrementAndGet();
        }
        System.out.println(passed.get() + " passed, " + failed.get() + " failed");
        return failed.get() == 0 && passed.get() > 0;
    }

    private static boolean runOne(String name, Scenario scenario, String namesrv, String unique, ExecutorService bodies) {
        long start = System.currentTimeMillis();
        Context context = new Context(namesrv, unique);
        Future<?> body = bodies.submit(() -> {
            scenario.run(context);
            return null;
        });
        String reason = null;
        try {
            body.get(SCENARIO_LIMIT_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            reason = "not finished within " + SCENARIO_LIMIT_S + " s";
            body.cancel(true);
        } catch (Exception e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            reason = cause instanceof AssertionError ? cause.getMessage() : cause + where(cause);
        }
        context.close();
        long ms = System.currentTimeMillis() - start;
        System.out.println(reason == null ? "PASS " + name + " " + ms + "ms" : "FAIL " + name + " " + reason.replace('\n', ' '));
        return reason == null;
    }

    private static String where(Throwable t) {
        for (StackTraceElement e : t.getStackTrace()) {
            if (e.getClassName().startsWith("ogive.")) {
                return " at " + e;
            }
        }
        return "";
    }
}
