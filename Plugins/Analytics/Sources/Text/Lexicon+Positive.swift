extension SentimentLexicon {
    /// Words and emoticons with a positive valence, in tenths.
    static let positive = #"""
        1: 0-8 :-o >;) aboard acquits amorists amorphously amortises backed backing boldfaces boldfacing boreen
        1: brooding commits creatin defenseman defensibly defensive dwelling faille freeholders funnel funneled
        1: funnelling graticule harmonicas heron heronry keens killick lamedh lamellas libertarianisms libertarians
        1: lobby lousewort lowriders matter matters misericorde nasturtiums oversimplifies panicled paniculate
        1: peculiarities perfectionists piqued pressurized pressurizer prevent prevented reach repressurized
        1: repressurizes retained richweed screwdrivers screwlike securitizations shittah sigh sillimanite silly
        1: smartweeds solemnifying stealthily strongyls stuns successions tenderize tenderized thrillers toughen
        1: toughened tranquillizes tricking trickled warstle weaponless wellhead whitewash wisecrackers withdrawal
        2: affronted amazonite amazonstones amoretti amortizations apologising apology ayc bashfully benignly
        2: boreens calmodulin champaign champignons compelled contend crazes creatine delicate determinableness
        2: determinant discounted dominantly dominants dominates dumbwaiter dynamiting escaping excitonic
        2: exhaustless foehns foetus foetuses freeway freewheeler freeze geekier graticules gratins gratis grey
        2: impressionable infatuated isolatable joysticks lamellibranch laughable libertinage nastic neath numbat
        2: opportunisms opportunist oversimplification overwhelmed radians reaches relentless resentencing
        2: securitization sentences sillimanites smartweed smugly startlements stealthiness strongyles supremacy
        2: swears teashops teaspoon teaspoonful tenderization tenderometer tenderometers tragicomedy tranquil
        2: trickles vitalism warmblooded welly
        3: (;< *-) amorettos amorphousness amusia aug-00 authority awaits boldface challenge challenges champertous
        3: charmeuse clears comedo committing convincers defenders diviner diving dweller dynamometer dynamometers
        3: dynamometric dynamos easel energetics excitative exciton excuse explorations flatterers freeboard
        3: freemasonry freestyles freewheeled fumeless hail hurtless intense keened landmark lowercase mandatory
        3: number opportunists oversells passionflower pensive pls plz pmfji prevents prickets prizefights safetyman
        3: screwbean screwdriver securitize sentence shakers slickest smilaxes solemnify solemnities solemnize
        3: startling strongboxes surprisers teas teaspoonsful tenderizes tenderizing tolerances toughnesses
        3: tranquilize trustees verdicts victimology vindicate vitalist vitalists want welladay whimsical wiseguys
        3: }:-)
        4: >:) admitted anticipation apologised apologize await beauticians benefice beneficiation brights bwahaha
        4: bz challengers champignon charmeuses cleared creatinine darings defence defenceman defender defensibility
        4: delicatessen delicatessens demonstration dumpling dwelled dynamiters easements enthral exempt expands
        4: fantastico flagship flatter flattery flirtiest freelancers freelancing freesia freesias freestyler fumet
        4: funnels fysa gracilis gratin importancies isolationism kidding legally libertarianism libertines longings
        4: meritocrat nasturtium numbles opportunism painlessness passionflowers pretending prizefighting
        4: profiterole promisors radian reached resolvents safes sentimentalising sentimentalisms
        4: sentimentalizations slicker speculative stealthiest suprematists suretyships teaspoonfuls tenderizer
        4: tenderloins thriller tolerantly treasurers treasurership trivially trustor vigorishes vigorousness
        4: vigours warmouth warmup welled wellies wisents yoyo }:)
        5: 3:) [-; adorns ambivalent amortise amortizable assuror calmatives carefully challenger champagnes
        5: champaigns champers commitments contender creationists daredevil defense devotees divinise dwell escapes
        5: excitor exclusive extends feeling fervid flirtatious freehand freeholder freewheel freewheeling
        5: funnelform harmonicist herons idealogues impressionisms impressionists impressments joker keener laidback
        5: launched legal lowe outmaneuvered panicle popularises profiteers profiteroles reliant soothed stronghold
        5: strongmen supremacist teaspoons tendered tranquillities treasurer triumphalist troubleshoots trusteeship
        5: unequaled vigorously wellheads wellsite yearning zealous
        6: *) ;] activeness amoretto amortization amortizes benignancy blamelessness brisk careful challenging
        6: comedienne contestable convincer crediting defencemen delicates dignitaries dominatrixes dynamometry
        6: dynamotor emotional engagements engrossed fighter flatters flirtatiousness flirters flirty freewheels
        6: giggler gn8 graciles greets guiltlessness harmonica honoraria humoral idealising impressure
        6: indestructible infatuation intellection intricate invite joyridden keeners meritocracy methodical mmk
        6: nerdiest numberable peculiar peculiarity perfectas rapture ratified scoop securers slap smilax solemnizes
        6: solid strongyl surpriser tenderer tendering tenders tensionless trusteeships verdict vested victimless
        6: vitalised warming wishes worshipper
        7: ;-] adopt adopts amazon amusable assets assurors blameless casually champing cleaner competitive
        7: convinces convincingness creationism defenses dynamite escape excelsior extend favoritism favoritisms
        7: flirts freeboards freedmen freehold freelanced freelances freemasonries freestyle freeware fumer growing
        7: guiltlessly heronries honorarium idealists ijs inquisitive iou isolationist joyrider joystick longingly
        7: offenseless partiers peaceniks perfectionistic pmji privileging profiter raptures relaxants resolved
        7: resolvent resolver resolves securitizing sentimentalists smarted solemnization solutions spirit stout
        7: strongbox strongman surprisals tenderheartedness toughed tougher troubleshooting vigilant worshipful
        8: ;D ;d acquit activenesses admit adorned adornments adventuress agrees amortized amortizing amusingly
        8: apologises bargain brilliantine casual chances chuckler crazyweed creationist debonair defensible
        8: determinate determinations divined divines dominance doubtlessness entrusted excitons fine flawlessly
        8: flirting freebased freebases freestylers freewheelingly freewriting fyi giggles glamourize guiltless
        8: harmlessness harmoniums idealisms idealogy ideals important impressible impressionism inspirits intact
        8: intellections intellectively intellectualists intellectualizing invigorated jho joyrides jp livelihood
        8: nurturers palatableness passive peacenik playing pmbi prizers profiteer promisee radiancies reaching
        8: recommended retreat richens safelights sentimentalised sentimentalist sentimentalize sentimentalizing
        8: significant sillies silliest smug solemnly solve substantial succession superiorities supremacies swift
        8: top tranquillest tranquillizing treasury troubleshoot troubleshooters unbelievable urgent vitalizations
        8: warmups worshippers xtc
        9: :-Þ ;) acceptations adequate adorn adorners adventurers allow appeased appeases assurer attractancy
        9: audacious awarder benignities blamelessly boldnesses buoyant certainties cheerleader clarifies
        9: compassionateness compelling consent decisive determinable determinably determinatives divining doubtless
        9: dynamists dynamitic energies exhaustlessness exploration fad flexible freeform graced grants grins hailed
        9: harmonicists harmonium harmonizations hhok humoresques impression impressions innocenter intrigues jk
        9: jokesters joking joyriding jt libertarian livelihoods lown loyalisms musm okay opportunistically
        9: optimizations pardoned perfectiveness perfectives popularizations prepared profitwise promissory raptured
        9: recommends romanticized sentimentalities spark stimulate stimulated straight successional successively
        9: successor surprised surprises tendernesses terrorless toughening treasuries triumphalists validated
        9: vigour virtuosi visions warm wilco wiselier wishing worshipers worth
        10: :p ;-) >:p [; abilities acquitted adorning advanced advantage alright amazonstone amoristic appeasing
        10: beneficiate bffn brightener brighteners certainty champed champy chance cleverish comprehensive
        10: conciliate consents convince created cutesie dearies delicately determinacy dream easing endorsed
        10: engagers engages entertainers excitableness exonerating favors flatteringly flexibilities freeholds
        10: freers freethinker freethinkers freewill frisky fulfills gigglier giggly gracioso granted guarantee
        10: harmless heroicomic honorariums immortal impressionist interests j/w jhomf jj jokes joyrode justifiably
        10: keenly loyalism luckiness magnification neater plays pleasers poised popularizers pressureless
        10: prizefighter prizer promisor readiness relaxant relaxations relievers resolvable richening
        10: sentimentalism sillier steadfast stimulates strongholds successiveness superiors surefire surety
        10: troubleshooter trustee trusties vigors virtuose vision warmers wells worshiper worshiping wowsers wp
        11: (* (; :-, :Þ acceptability accepted actives agreed agreements amuser appease apprehensible assurers
        11: attachments beneficed benefices benignantly brightwork calmative certain chic chuckles chucklesome
        11: committed conciliated conciliates consolable create creates creation creationisms definite desired
        11: determinateness determinative determinator devotements divinations dynamics energy engager ensuring
        11: entitled excitatory faultlessness fearlessly fearlessness fervent fitness forgive forgiveness freedman
        11: freelancer freer freestanding freethinking gigglingly god grandee greeted grinned grinner gt happing
        11: helpers heroicomical humor humoured increased innocents invigorator jokey joyride lenient loyalists
        11: meriting meritocrats merrythought neatens neats outreach painlessly palatably partyers popularised
        11: profitabilities profitability promisees radiances relievable resolute respectiveness safeguarding
        11: safelight salient securement sentimentalized sentimentalizes significance smarty sociability solved
        11: solves strongly successionally successive successors supporter surprise surprising tnx tolerant txs
        11: vigor visioning vitalise vitalises vitally vitals warmed warms well willingness worshipfully yolo
        12: ,-: absolve admiralty admits adventurer adventurists alert amorino attachment attractor attractors avid
        12: awardees beautician benevolentness blithe bolder champagne championed cheerio cheerleaders cheerleading
        12: cheerleads chuckled chucklers chucklingly comedians comforters commit convivial creating creditableness
        12: d: determinately devotional devotionals diviners doubtlessly dynamical dynamisms eased excitability
        12: excitants festivalgoers flatteries forgivers freeborn freedoms freelance frees gg glamorising glorioles
        12: gn gracility grandees hago heavenwards helping humored humoresque humorist hurraying idealize immune
        12: impressibility inspirators intellectualized intelligibly invigorations invigorators jaunty jocular join
        12: joke laughableness laughably libertinisms lucking magnifications neaten nicety ok opportuneness outgoing
        12: painless pardons partyer perfective playfulness popularising promisingly prospect prospects radiants
        12: relaxins respectableness restore restores restoring romanticizing securities sentimentalise
        12: sentimentality sentimentalization share shares singleminded sociabilities solidarity sparkling stable
        12: stamina succeeder supportive surer surprisingly surviving swiftly tenderers tolerance tranquilly
        12: treasure treasurerships trustors usefulness vital vitalities vitamin warmer wiser worship yeah yep
        13: (-* (-; :-) :?) =p [: ability absolves acceptable acceptableness acceptation accepts achievable
        13: acquitting actively admiral adorner adornment adventure adventured adventuresomeness adventurously
        13: agreeablenesses amusers apologized assures assurgent attractant awarders benign benignity bolds boosts
        13: calm calmly calms comfortableness competent conciliating cool curious cutely desirable desirous eases
        13: easygoing embrace endorse endorsement entertain expand fair faithed fan fantasticalness favorer
        13: favouring festivalgoer flattering flexibly freebee freebees freedwomen fresh funnies funnymen gl
        13: glamorise gracing granting gratify greet harmonies harmonised heros honorers huge humorists idealizer
        13: importantly improvements improvers incentives increase inspirited intellectualistic inviting
        13: invulnerable joked joyriders kewl laoj leet meaningful meritoriously nbd neatening neatness novel
        13: nurturances optimally optimistic original pardon perfectionism perfecto pleasantries please
        13: popularization popularize pray profited prominent promise promiser protects radiantly redeemed reliefs
        13: relievo rescues respectfulnesses respects responsible riskless romancer romances romanticises
        13: romanticists secures securing sentimental shockproof smartie sok solution soothing sparkles spirited
        13: strengthen succeeders supported supremos sure surest sureties trustier truth vitality vitalizing wises
        13: wisewomen youthful
        14: 0:-) :P ;^) ^<_< advantaged adventures adventuresses adventurist adventurous agreeing applauds assurance
        14: assurances assure assuredness attractants badass benefic benevolently boosting brightnesses certainly
        14: charitably chuckling clevernesses contented contentedness creditabilities daringness delectables
        14: determined devote diamond dignities dynamist easefully easily endorses engage engaging enthusiasts
        14: excited exciters exultantly favorers flexibility forgave forgivingly freehanded funnyman g1 gains
        14: gentler gigglers giver giving gladly glamors ha harmlessly harmonising harmonizing heavenward helper
        14: hho1/2k highlight honorary honorific humerous idealise idealizations idealizing importancy innocent
        14: innocently intellectually intelligible irresistible j/p j4f keenness lawl m8 magnificoes meditative
        14: merited motivation neatly np ntmu nurture openness partied partier perfecta perfecters play played
        14: popularizes prays pride promotes proudhearted radiance radiancy reassurances reassure relaxers
        14: relievedly resolvers respectively restored revive robust safeguards safekeeping secure securely
        14: secureness securitized security shared solving strengtheners superiority tenderest thks validates
        14: validating value valuing vitalizes warmish welcomed welcomer wellsprings worships worthwhile
        15: (-:O (-:o (^: (^; 0:-3 5fs :-p absolved acceptably admirals admires advantageous advantages adventurism
        15: affectionally affections agree amusement amusements apologizes applauded appreciators asset assured
        15: attract beneficences boldly boldness boosted brightens brightly calmer charminger cheerled comedy
        15: comfort contentment courtesy coziness creatively credited credits cutesier cuteys cutie d= daring
        15: devotement dynamically dynamistic eager ease easeful easygoingness efficiency elation encouraged
        15: encourager encouragers energizations engagingly enthusiast excitabilities excitable ez fantasticate
        15: festivals fiestas fit freehearted freemen giggled giggling gloriole grant gratifies greater grinning
        15: harmonics harmonizes honoraries humoristic idealities importance impressionistic incentive inspiratory
        15: intellectualization intellectualize intellectualness intelligencer intelligentsia intelligibility
        15: intelligibleness interestedly invigoration jewel jokester keen kissers kk like loyalist mercy natural
        15: niceties nurtural o:) opportunely optimal optimizer perfectible perfectionist pleasanter popularizing
        15: praying privilege promised promoting ready reassurance reassures recommend relaxedly relaxes relieve
        15: reliever relieves relieving responsive restful romanticization safeguarded safeness safeties
        15: satisfactoriness satisfactory scrumptiously securer sincerities smartened smartens smartly smartnesses
        15: smile smileys sociableness soothe supportiveness supports surefootedness surprisal survivor sympathy
        15: tenderhearted thank thrill thrills thx tranquilities tranquilness truer trustfully tx validate vigoroso
        15: virtues vitalized warmness wealthy wellspring wised
        16: (-: (o: *<|:-) *^: 0;^) =] absolving accept acceptabilities acceptant accepting admiralties admirations
        16: admiring adores advantageousness advantaging agreeably alive amorist amusing apologise appreciativeness
        16: assuredly assuring astonished beaut benefits blessedness bold boldest brighter brightness calmed calmest
        16: calmnesses capable captivated charitablenesses cherish clear comedian comediennes commitment
        16: compassionated compassionates compassionating convincingly creations creativity credit d-: darlingly
        16: dear delighting devotedly devotee devotes divinatory dynamic dynamism eagerly eagers easement easiness
        16: efficiencies elegancies enchanted energization ensure entertainer enthuse exonerates favorably favourer
        16: favourers flattered focused foolproof forgivably forgiven freedwoman freeness freest friendships
        16: funninesses gained glamorization glamorizers glorifiers graces gratification gratified greeting grinners
        16: growth harmonized harmonizer harmonizers helps holidays honourers hoped hopefulness huggable hugger
        16: humorous humors idealist impressionistically innocence innovation integrity intellectuals intelligencers
        16: intelligences j/k jw kissed liveliness lts luckie lucks lylb merrythoughts motivate niceness nurturance
        16: o;^) opportunities optimisation optimises optimists optimization palatable partying passional
        16: peacekeeper peacekeepers peacekeepings perfects picturesque playfully popularise popularities positivism
        16: prettied privileges profitably profiting promisers promises promote protect relaxer relieved relishing
        16: resolve resolving respecters revives rewarder safeguard satisfactorily securitizes smarts sociably
        16: stressless stresslessness stronger stunning surefootedly thoughtful tranquilest trustily trustiness
        16: trustingly trustingness ty unified untarnished vindicates vitalization vitalize welldoers welling
        16: wiseliest worshipfulness worshipping xp xqzt yvw
        17: 8-d :-* [= acceptances accomplishes active admirers adorer adventuresome adventuristic amuse amuses
        17: amusive appreciate appreciations appreciatory approves astound attracts awarded beautifier beautifiers
        17: beauts beneficialness benefitted benevolence blessedly boost calming calmness carefree charitable charm
        17: cheerer cheerlead chuckle clarity clean clearly comedic comedies comforting comfortingly compassionately
        17: complimentarily compliments convinced convincing creativities creditably definitely desire determination
        17: devoted dignity divination dreams eagerness efficiently empathetic energizers engaged enlightens
        17: entertained enthuses exhilarating fantasticality favor favorited flirtation forgivable forgiver forgives
        17: freed freeman freenesses friended funnier gallant gga giggliest givers glamorize gracile grander hardy
        17: harmonize harmony healthy heavens help hilarious holiday honorer honorifics hopefully hugged humouring
        17: idealism idealistically impressiveness intellective intellectualities intellectuality interested
        17: interesting interestingly j4g jollities justified kisser laugher laughers liking livelier livelong
        17: meritoriousness merits merrier merrymakers neatest nifty nurturant opportune optimised optimising
        17: pardoning parties party peaceable peacemaking pleaser pleases positivists pretties promising rapturous
        17: reassured reassuring reinvigorating relaxin respectably respectfully romancers romantic romanticise
        17: romanticised safest secured sincere smart smartening smarties smiler smiley special splendiferousness
        17: strengths strongish support terrifically thoughtfully treat trusting truthfulness valuableness values
        17: virtuosa warmest warmly welcomes wish x-p yeees yes
        18: accomplish admirer adored adventurousness affectioned agreeable agreeableness amorous amused amusingness
        18: applause appreciatively approved astounded astounding attracted attractions attractiveness awardee
        18: beatific beautifies beneficiaries bless cared championing champs charity cheerers comfortably comforted
        18: complimented creativeness creditable cutes dearly deliciousness devotions dignify divinities easier
        18: easiest efficient elegances encouragement energetically enjoyably entertainment excitant excitation
        18: excitations exonerate exonerated faith faithfully faiths favored favoring favorites favoured favours ff
        18: foaf forgivingness freebie freebies friending friendlily fulfilled funniness funning gaining generously
        18: genial gentlest giggle glamorised glamorizing grace gratefuller gratifications greetings hahas harmonic
        18: harmoniousness harmonise helpful heroines honesties honourer hopes hoping huggers hugging hurrayed
        18: idealistic idealization idealized ideally improver improves improving inspiring inspiriting intellects
        18: intellectualizes interestingness jollity kiss kissy lighthearted liked likes livelily lmbao lol lucky
        18: magnifico marvel mature merit nice once-in-a-lifetime opportunity optimisations optimizes peaceableness
        18: perfecter perfectibility popular popularizer popularly positivisms powerful proactive progress promoted
        18: qt reassuringly reinvigorates rescued respectabilities respective romantically romanticize romanticizes
        18: rotglmao safer safety satisfied satisfies saved sharing sincereness sparkle strengthened strengthener
        18: succeeded sunny talent tenderly tenderness thankfully tranquility tranquillity treasures true
        18: trustworthiness truths united usefully vindicated virtue virtuosas virtuosos virtuously vivacious
        18: warmhearted wellborn winnable winned wisely woot yw {:
        19: (-:|>* (^;o *: 0:) 0:03 8) <3 accomplished advantageously affectional affectionate agog agreeability
        19: appreciating attractive awarding beautification beneficial benefitting benevolences better blessers
        19: braved braves bright brighten brilliants championship charitableness charmer charms cheerfuller
        19: cherishers classy comforter commend commended complimentary considerate contentedly creative
        19: creditability creditworthiness cutenesses dearer dears deary deliciously dignitary easy effectively
        19: elegantly encourages energetic energising enjoyable enjoyableness entertaining entertainingly enthusiasm
        19: enthusing esteemed excitements exciter excitingly faithful faithfulness fame fave favour fearless fond
        19: fondly forgiving fortunate freely friendship fulfill funnily funny gallantly gentle gift glamours good
        19: hak handsomely harmoniously harmonization helpfulness heroizing hi5 honester honorarily hope hurrahed
        19: ideality idealizers impress improve influential innocency innovative inspirator inspires inspirit
        19: intelligential invigorate jovial keenest kissably laughings lively loyalties lucked luckier n1 nicely
        19: nicer nurtured nurturer nurtures optimality optimise peacefuller playful pleased pleasurability
        19: pleasures popularized positivistic praiseworthily preciousness privileged profit profitable profits
        19: protected proudful reinvigorated rejoice relax respectable respectfulness rewarders richened richly
        19: romanticist romantics safe satisfaction satisfiable satisfyingly sentimentally smarten sociable
        19: splendiferously stimulating strongest sunshiny supporters supporting supremo surefooted surely thanked
        19: thankfuller thanks thoughtfulness thrilled tranquiler triumphalisms truest truly truster truthfully urw
        19: useful valued welcomely welcomers welcoming wellness wiseness worthy
        20: (^;0 :) :c) =-3 acceptance amorousness aok applaud attraction awards benefit blesseder braveries
        20: breathtaking brilliantines carefulness cares charmed cherishable cherishing clever cleverer compassion
        20: cute cutiepie dearness dedicated delighter delights devotedness devotion dignifies encouragingly
        20: energizing engagement enjoyments enthused enthusiasms excel fab fantastical fascinates faultless
        20: faultlessly fav favorite festive friendlier friendliness ftw gently gj glad glamourous glorification
        20: goodness graceful grand grateful gratifyingly gratz haha handsomer harmonious heroized hhoj honestly
        20: hugz humourous idealises idealizes impressively improvement innovates inspirers intellect
        20: intellectualist intelligent intelligently interest invigoratingly j/j jewels jollies jollifications
        20: kindness kissable l laughed likeable luck lulz marvels merriments mirthfully mml motivated neat neatened
        20: noble nurturing o:-) optimisms optimized optimizing passion peaceably peacekeeping peacemaker pleasantry
        20: positivist praiser praisers prizes rejoiced relaxedness respectful rewardable romancing romanticizations
        20: satisfy satisfying serene sincerer sincerest smarter smartness smiling splendors sprightly strengthens
        20: suave sureness sweet talents thankfullest thrillingly triumphal triumphs truthful virtuoso virtuousness
        20: warmth wealthily welcome welcomeness wows
        21: ((-: (-;| (?: *-: 10q 1337 2qt :> :^) :o) :} <: =3 >_>^ @>-->-- admire adorably adorers amazedly
        21: ambitious applauding approval ardent astoundingly astounds attracting attractivenesses beautified
        21: beautifuler beneficiary brightened champ charmers cheerfully cheerfulness cheers comedically comforts
        21: compliment confidently courageousness cutesy cutey daringly delightedness delightfulness devoting
        21: dignifying effective elegance elegancy elegant encouragements energised energize energizer energizes
        21: excite excites fantasticalities fascinated favorable festivities fiesta freeing friends glamor
        21: glamorises glamorized glamorously glories gorgeousnesses grandeurs gratefully grin harmonically
        21: heartwarming heroize honoree honourable honouring hug humoring humour hurrahs idealised impressed
        21: impresses improved inspirations inspiritingly intelligence invigorates invigorating jollify liveliest
        21: loyal loyally medal meritorious nicenesses o/\o okays optimistically optimizers peacefulness peaces
        21: peacetimes perfectibilities perfectively pleasantly popularity prettier prosperous proud radiant
        21: rejoices relief respect respected respecter rewards richnesses roflcopter romanticisms satisfactions
        21: scrumptious sincerely slaw smiles splendidly sweeties sweetly terrific thankfulness thrilling treasuring
        21: triumph trueness trustability trusted trustful trustfulness trusts valuable valuables vbg virtuosity
        21: vitalising vwp winners wise wisest woo wtg
        22: ('-: (: (= --<--<@ :] ;-* =) @}-;-'--- \o/ admirableness adorability adorable adorations affectionately
        22: agreement amazed amazements amazes amusedly attractively beneficently benignant blessing bravery care
        22: caring championships charities charmingly cheeriest cherisher cherishes compassionate confident
        22: congratulate courage cutesiest cuties darlings dearie devotionally dignified energise energises enjoy
        22: enjoyer enjoyers enlightened enthusiastic excelled excitement exciting fascination favorableness
        22: festival festively festivity friend friendlies friendly funner glorifies gracefuller gracefulness
        22: gratefulness hagd hagn hand handsome heroisms heroizes honesty honor honorability honorableness
        22: honorifically honoured honours hugs innovate inspired inspirer intellectualism invincible jollification
        22: joys kinder kindly kmuf l&r laughing laughs laughter laughters lovelies merriness merrymaker merrymaking
        22: motivating nh nicest o:-3 optimize passions peaceful peacetime perfectivity positivenesses praised
        22: preciously pretty prouder reinvigoration relaxed relaxing respecting rewarded richness romanced
        22: romanticism safely save splendorous splendour splendours splendrous strength strengthening succeed
        22: succeeding succeeds successfully sunshine superiorly supremest sweetie sweetness sweets triumphed
        22: trustiest trusty virtuosic w00t wealth wealthier wealthiest |;-)
        23: (': *\0/* ---'-;-{@ :') :-D :-d :3 :D :d =D =d admired admiringly adventuring amoroso amorously
        23: appreciated appreciates appreciation beautify beautifying beloved beneficent bl bravely bravest
        23: brilliancies cheer cheered cheering cherished cleverly cleverness comfortable complimenting confidence
        23: courageously courteous cuteness cuter darlingness dauntless delighted delightsome divinize earnest
        23: ecstasies ecstatic encourage energized enjoyed enjoys enlighten enlightening enterprising entertainments
        23: ethical excitedly flawless free fun funned generosity generous glamorous glorified glorifier gorgeously
        23: graciously gratifying gratitude h&k heaven heavenlinesses helpfully heroes honest honorees honoring
        23: honors hooray hopeful humorously impressive inspirational inspirationally intellectual iyq jolly
        23: jollying joyance k4y kfy kindnesses kisses kudos laughingly liberties luckily magnific magnificences
        23: muah o:3 passionateness perfecting pleasant pleasantness pleasantnesses pleasured positiveness positiver
        23: positivity prize prizewinner reinvigorate rescue revered smilingly splendidness strong sunnier
        23: supremeness supremer survived swak sympathetic talented tgif tia tops triumphantly triumphing trust
        23: trustable trustworthily valuably vip winningly woohoo xoxozzz
        24: (:0 *-; 14aa41 =-D =-d admirability adoringly affection awardable beauties beautifications beneficially
        24: brave braver champions charmingest cheerly congrats courageous creditworthy delightedly encouraging
        24: enjoying entertains excellencies fabulous fascinate festiveness gain generousness glamorizer glamorizes
        24: glamour gloried glorifying gracefully graciousness grandest grandeur handsomeness happier heroically
        24: heroics honorably humorousness hurrahing hurrays ideal inspiration jollied jollier joyfuller justice
        24: kind liberty lovers magnifical magnifically magnificence merrily merriment merrymakings optimist
        24: passionate passionately peacefully peacemakers pleasing pleasurable pleasurableness positively positives
        24: praises praiseworthiness prized prizewinners profitableness r&r relaxation respectability rewarding
        24: rewardingly richer riches richest sexy sgtm sunniest triumphant vibrant virtuous visionary wealthiness
        24: winning wisdom worshiped yay yummy
        25: (:O (:o :* aas admirably admiration adorableness amaze amazement award beauteous blessings bonus
        25: brightening bwahahah cheerful cheerily cheeriness excellences excellency excelling excels fascinating
        25: fondness fwb gla glory heartfelt honorable impressing jolliness joyfully joying lmfao loyalty
        25: masterpieces merry mwah optimism peace perfections praising roflmao rotflmfao self-confident smiled
        25: superior treasurable tyvm welldoer winnings wowing ywia
        26: (8 1432 :^* admirable adore adoring appreciative appreciator b^d beauteously beautifulest beautifulness
        26: blesser blesses bonuses brilliancy cheerier cheery cleverest dearest delighters divine enjoyment
        26: enthusiastically fantastic friendliest funniest gallantry generosities gloriousness gracious hahaha
        26: handsomest happily happiness hero heroic hurrah ily2 inspiringly laugh ly lylas mirth pleasantest
        26: pleasurably positive positivities praise praiseworthy proudest proudly ptl remarkable rich romance rotfl
        26: securest sophisticated splendiferous successes supreme treasured trustworthy vwd wowed x-d
        27: :'-) aayf beauteousness beautifully benevolent bliss celebrate celebrated celebrates celebrating
        27: delicious delightfully divinest divinity excellent glorify gr8 happy heavenliest heavenliness heroine
        27: honour hurray iluaaf inspire jollily joyfulness kissing lmso lolz loves lovingness ly4e lylab merriest
        27: mirthful overjoyed perfect perfected perfection pleasure precious prettiest reward rofl romanticising
        27: sfete splendent success successfulness supremely tenderheartedly thankful warmheartedness wd wins won
        27: wonderful worshipped
        28: (-:0 2g2b4g :-)) alol amazing beauty beneficence blessedest brilliant charming cutest darling delectably
        28: delightful ecstatically exhilarates exuberant fabulousness godsend gracefullest heroism honored joy
        28: joyousness lifesaver lovely lover loverly miracle pleasuring pukka rejoicing rotflmao sete splendid
        28: successful sweethearts tenderheartednesses win winner wow xd
        29: 8d adoration ambw beautiful bff blessed blissful blockbuster brilliance brilliances champion
        29: congratulation congratulations delectable delight divinely ecstasy ecstatics funnest gleeful gloriously
        29: gorgeousness heroical jolliest joyed joyful joyously lmao loved loving luckiest magnificent marvelous
        29: positivest rotgl soulmate super wonderfully wonderfulness
        30: amor brightest brilliantly enrapture exhilarated exultant gorgeous hallelujah heavenlier heavenly
        30: honestest jubilant lovable lyb outstanding perfectness prizewinning rotflol smartest splendor sweet<3
        30: xlnt xoxo
        31: awesome excellence excellently great joyous lyl masterpiece peacefullest perfectest superb vbs
        32: 143 best cheerfullest elated euphoric freedom glee glorious greatest happiest heart love lovingly
        32: paradise perfectly
        33: ecstacy euphoria hearts lya sweetheart
        34: aml ilu ily magnificently
        """#
}
