// What keeps state, and what an app is.

public protocol ObservableObject: AnyObject {}

@propertyWrapper
public struct Published<Value> {
    public var wrappedValue: Value
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

@propertyWrapper
public struct State<Value> {
    private let kept: Kept<Value>
    public init(wrappedValue: Value) { kept = Kept(wrappedValue) }
    public var wrappedValue: Value {
        get { kept.value }
        nonmutating set { kept.value = newValue }
    }
}

@propertyWrapper
public struct Binding<Value> {
    private let read: @MainActor () -> Value
    private let write: @MainActor (Value) -> Void
    public init(get: @escaping @MainActor () -> Value, set: @escaping @MainActor (Value) -> Void) {
        (read, write) = (get, set)
    }
    @MainActor public var wrappedValue: Value {
        get { read() }
        nonmutating set { write(newValue) }
    }
}

@propertyWrapper
public struct StateObject<Object: ObservableObject> {
    private let make: () -> Object
    public init(wrappedValue make: @autoclosure @escaping () -> Object) { self.make = make }
    @MainActor @preconcurrency public var wrappedValue: Object { make() }
}

@propertyWrapper @MainActor @preconcurrency
public struct ObservedObject<Object: ObservableObject> {
    public var wrappedValue: Object
    public init(wrappedValue: Object) { self.wrappedValue = wrappedValue }
}

@propertyWrapper
public struct ScaledMetric<Value: BinaryFloatingPoint> {
    public var wrappedValue: Value
    public init(wrappedValue: Value, relativeTo _: Font.TextStyle) { self.wrappedValue = wrappedValue }
}

@propertyWrapper
public struct AccessibilityFocusState<Value: Hashable> {
    public struct Binding {}
    private let kept: Kept<Value>
    public init<Named: Hashable>() where Value == Named? { kept = Kept(nil) }
    public var wrappedValue: Value {
        get { kept.value }
        nonmutating set { kept.value = newValue }
    }
    public var projectedValue: Binding { Binding() }
}

private final class Kept<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

public enum ScenePhase: Comparable, Sendable { case background, inactive, active }

public struct EnvironmentValues {
    public var scenePhase = ScenePhase.active
}

@propertyWrapper
public struct Environment<Value> {
    public let wrappedValue: Value
    public init(_ path: KeyPath<EnvironmentValues, Value>) { wrappedValue = EnvironmentValues()[keyPath: path] }
}

@MainActor @preconcurrency
public protocol Scene {}

public struct WindowGroup<Content: View>: Scene {
    public init(@ViewBuilder content _: () -> Content) {}
}

@MainActor @preconcurrency
public protocol App {
    associatedtype Body: Scene
    var body: Body { get }
    init()
}

extension App {
    public static func main() { _ = Self().body }
}
