import KaigoTap

/// What is asked where the card and its PIN do not do.
extension Screens {
    /// One way has failed. What could not be opened with what is printed on the card was no PIN of the holder's.
    func ways(after failure: Failure, _ ways: [Way], printed: Bool) -> Screen {
        let opensPhoto = printed && failure.kind == .pin
        var elements: [Element] = [
            .heading(words.ways.title),
            .notice(opensPhoto ? words.ways.notOpened : failure.message(language: words.language), .care),
        ]
        if !opensPhoto {
            elements.append(.large(label: words.next, text: failure.nextAction(language: words.language)))
        }
        elements.append(.text(words.ways.which))
        elements += ways.enumerated().map { place, way in
            .choice(Choice(words.ways.way(way), .way(way), first: place == 0))
        }
        return Screen(name: .ways, elements: elements + [.choice(Choice(words.ways.paper, .paper))])
    }

    /// What stands on the paper certificate.
    func certificate(_ form: Form, way: Way, fault: AttributeFault?) -> Screen {
        let fields = Form.certificate.map { attribute in
            Field(
                name: .certificate(attribute), label: words.ways.attribute(attribute),
                entered: Entered(form[.certificate(attribute)]),
                fault: fault?.attribute == attribute ? fault.map { words.ways.faulty($0.faulty) } : nil)
        }
        let how = way == .disaster ? words.ways.disasterHow : words.ways.certificateHow
        return typing(.certificate, words.ways.certificateTitle, notices(of: fields) + [.text(how)], fields)
    }

    /// What is printed on the card.
    func printed(_ form: Form, triesLeft: UInt8?, why: WhyPin, fault: PrintedFault?) -> Screen {
        let fields = Form.printed.map { field in
            Field(
                name: .printed(field), label: words.ways.printed(field), entered: Entered(form[.printed(field)]),
                fault: fault?.field == field ? fault.map { words.ways.faulty($0.faulty) } : nil)
        }
        var told = notices(of: fields)
        if fault == nil, let why = words.ways.whyPrinted(why) { told.append(.notice(why, .care)) }
        if let triesLeft { told.append(.text(words.tries(triesLeft))) }
        return typing(.printed, words.ways.printedTitle, told + [.text(words.ways.printedHow)], fields)
    }

    /// The date of birth, read back.
    func birthDate(_ read: BirthDateRead) -> Screen {
        Screen(
            name: .birth,
            elements: [
                .heading(words.ways.birthTitle),
                .large(label: words.birthDate, text: words.ways.born(read.date, read.japanese, read.age)),
                .choice(Choice(words.ways.right, .right, first: true)),
                .choice(Choice(words.ways.notRight, .notRight)),
                .choice(Choice(words.stop, .stop)),
            ])
    }

    /// The photo in the card's chip, large.
    func photo(_ photo: ChipPhoto) -> Screen {
        Screen(
            name: .photo,
            elements: [
                .heading(words.ways.photoTitle),
                .text(words.ways.photoHow),
                .portrait(
                    Portrait(file: photo.jp2), spoken: words.ways.photoSpoken, missing: words.ways.photoMissing),
                .choice(Choice(words.faceMatches, .faceMatches, first: true)),
                .choice(Choice(words.faceDiffers, .faceDiffers)),
                .choice(Choice(words.stop, .stop)),
            ])
    }

    /// Told at the top as well: VoiceOver says it at once, wherever it is.
    private func notices(of fields: [Field]) -> [Element] {
        fields.compactMap { field in field.fault.map { .notice("\(field.label): \($0)", .care) } }
    }

    private func typing(_ name: Screen.Name, _ title: String, _ told: [Element], _ fields: [Field]) -> Screen {
        Screen(
            name: name,
            elements: [.heading(title)] + told + fields.map { .field($0) } + [
                .choice(Choice(words.ways.goOn, .enter, first: true)), .choice(Choice(words.stop, .stop)),
            ])
    }
}
