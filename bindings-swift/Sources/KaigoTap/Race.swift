import Foundation

/// A time limit has passed.
struct TimeOver: Error {}

/// Waits for an operation, but no longer than the limit, and no longer than the Task lives: an operation that never
/// answers is left behind, cancelled.
///
/// A task group would wait for it, so this is none.
func within<T: Sendable>(
    _ limit: Duration?,
    _ operation: @escaping @Sendable () async throws -> T
) async throws -> T {
    let first = First<T>()
    let work = Task {
        do {
            first.settle(.success(try await operation()))
        } catch {
            first.settle(.failure(error))
        }
    }
    let clock = Task {
        guard let limit else { return }
        try await Task.sleep(for: limit)
        first.settle(.failure(TimeOver()))
    }
    defer {
        work.cancel()
        clock.cancel()
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { first.wait(with: $0) }
    } onCancel: {
        first.settle(.failure(Stopped()))
    }
}

/// The Task that waits was cancelled.
struct Stopped: Error {}

/// The first result of several; later ones are dropped.
final class First<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    // Only touched with the lock held.
    private var result: Result<T, any Error>?
    private var waiting: CheckedContinuation<T, any Error>?

    func settle(_ result: Result<T, any Error>) {
        let waiting: CheckedContinuation<T, any Error>? = lock.withLock {
            guard self.result == nil else { return nil }
            self.result = result
            defer { self.waiting = nil }
            return self.waiting
        }
        waiting?.resume(with: result)
    }

    func wait(with continuation: CheckedContinuation<T, any Error>) {
        let result: Result<T, any Error>? = lock.withLock {
            if self.result == nil { waiting = continuation }
            return self.result
        }
        if let result { continuation.resume(with: result) }
    }
}
