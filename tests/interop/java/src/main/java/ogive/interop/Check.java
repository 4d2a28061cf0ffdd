package ogive.interop;

import java.util.Objects;
import java.util.concurrent.Callable;

/** Assertions and waits of the scenarios. */
public final class Check {
    public static final long LONG_MS = 60_000;

    private Check() {
    }

    public static void that(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    public static void equal(Object expected, Object actual, String what) {
        that(Objects.equals(expected, actual), what + ": expected " + expected + ", got " + actual);
    }

    /** Polls until the condition holds; an exception of the condition counts as "not yet" and is reported when time runs out. */
    public static void await(String what, long timeoutMs, Callable<Boolean> condition) throws InterruptedException {
        long deadline = System.currentTimeMillis() + timeoutMs;
        Throwable last = null;
        while (System.currentTimeMillis() < deadline) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("after " + timeoutMs + " ms still not: " + what + (last == null ? "" : "; last error: " + last));
    }
}
