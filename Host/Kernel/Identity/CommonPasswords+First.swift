extension CommonPasswords {
    static let firstHalf = #"""
        0.0.0.000 0.0.000 000000 0000000000d 0000000000o 000001 000007 0007 000777fffa 007007 01011 01011970 01011980
        01011981 01011985 01011986 01011988 01011989 01011990 01011991 01012000 01012001 01012010 01012011 010203
        0102030405 010203040506 012345678910 0123654789 014702580369 0147258369 0147852369 0147896325 0192837465
        01telemike01 0420 0987654321a 0987654321q 0cdh0v99ue 0o9i8u7y6t 1000 100000 1001 10203 102030 1020304050
        102030405060 1024 102938 1029384756 1029384756q 10293847qp 1066 111111 11111111 1111111111zz 1111122222
        11111aaaaa 11112222 1112131415 111222 111222333 111222333000 111222333444555 111222333a 1122 1122112211
        112233 11223344 1122334455 112233445566 112358 11235813 1123581321 1133557799 12121 1212312121 121314
        12131415 1213141516 1221 122333 1223334444 122333444455555 1225 123098 12312 123123 12312312 123123123a
        123123123q 123123a 123123q 123123qweqwe 1232323q 12332 123321 123321123 123321456654 123321q 123321qweewq
        1234 1234321 12344321 12345 1234509876 123454321 1234554321 1234554321a 1234554321q 123456 1234562000
        12345654321 123456654321 1234567 12345672000 12345678 123456782000 1234567887654321 123456789 123456789.
        1234567890 12345678900 123456789000 12345678900987654321 1234567890987654321 1234567890a 1234567890d
        1234567890m 1234567890o 1234567890p 1234567890q 1234567890qaz 1234567890qw 1234567890qwe 1234567890qwerty
        1234567890s 1234567890w 1234567890z 1234567890zzz 1234567891 12345678910 123456789101 12345678912
        123456789123 1234567892000 12345678987654321 1234567899 123456789987654321 123456789a 123456789aa
        123456789abc 123456789as 123456789asd 123456789b 123456789c 123456789d 123456789e 123456789f 123456789g
        123456789i 123456789j 123456789k 123456789l 123456789m 123456789n 123456789o 123456789p 123456789q
        123456789qaz 123456789qq 123456789qqq 123456789qw 123456789qwe 123456789qwer 123456789qwerty 123456789r
        123456789s 123456789t 123456789v 123456789w 123456789x 123456789y 123456789z 123456789zx 123456789zxc
        123456789zz 12345678qwe 1234567a 1234567q 1234567qwertyu 123456a 123456aa 123456k 123456q 123456qwer
        123456qwert 123456qwerty 123456r 123456z 123457 12345a 12345abcde 12345asdfg 12345q 12345qwert 12345qwerty
        12345trewq 12345zxcvb 1234abcd 1234qwe 1234qwer 1234qwerasdf 1234qwerasdfzxcv 1234qwerty 123654 123654789
        1236547890 123654789a 12369874 123698745 123789 123789456 123987 123abc 123asd 123hfjdk147 123qaz 123qwe
        123qwe123 123qwe456rty 123qweasd 123qweasdzx 123qweasdzxc 123qwerty123 123zxc 124578 128500 12qw34er56ty
        12qwaszx 131313 132435 13243546 132forever 134679 1346798520 135246 13579 135790 1357908642 1357924680
        1357997531 1366613 141627 142536 147258 147258369 1472583690 147258369a 147852 147852369 1478963 14789632
        147896325 150781 15426378 159357 159753 1597532486 159753456852 159951 162534 1701 17171717aa 18436572
        192837465 1928374655 1958proman 1986irachka 19952009sa 19mtpgam19 1a2a3a4a5a 1a2b3c 1a2b3c4d 1a2b3c4d5e
        1a2s3d4f5g 1a2s3d4f5g6h 1pass1page 1passwor 1q2q3q4q5q 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws3ed
        1qa2ws3ed4rf 1qa2ws3ed4rf5tg 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazwsxedc 1qazxsw2 1qazxsw23edc
        1qazxsw23edcvfr4 1qwerty 1qwertyuiop 1z2x3c4v5b 200000 2112 2128506 222333 223344 23176djivanfros 2468
        2468013579 246810 25802580 258456 26429vadim 2dumb2live 31217221027711 314159 31415926 3141592654 315475
        321123 321456 321654 321654987 3216732167 32615948worms 332211 362436 38gjgeuftd 3f3fpht7op 3rjs1la7qe
        3syqo15hil 4128 413276191q 41d8cd98f00b 420247 420420 4294967296 42qwerty42 445566 456123 456321 456654
        456852 4815162342 4815162342a 4815162342lost 4815162342q 4904s677075 4runner 50cent 51051051051 5150
        541233432442 5432112345 5544332211 555666 59382113kevinp 5hsu75kpot 5t4r3e2w1q 654321 666666 666777 666999
        671fsa75yt 6751520 6969 696969 73501505 741852 741852963 7418529630 742617000027 753159 753951 7753191
        7777755102q 7777777 778899 789123 789456 78945612 789456123 7894561230 789456123a 7895123 789654 789987
        7elephants 7jokx7b9du 7ugd5hip2j 80070633pc 80637852730 8096468644q 80988218126 852456 8675309 87e5nclizry
        88002000600 89015173454 89032073168 89172735872 89211375759 89231243658s 89600506779 89876065093rax 8j4ye3uz
        8phrowz622 8phrowz624 906090 9085084232 9085603566 911911 9293709b13 9379992 951753 963852 963852741
        9638527410 987456 987654321a 987654321g 987654321q 987654321z 989244342a 9988776655 999111999q 99strenght
        9z5ve9rrcz a12345 a123456 a1234567 a123456789 a1234567890 a1a2a3a4a5 a1b2c3 a1b2c3d4 a1b2c3d4e5 a1s2d3f4
        a1s2d3f4g5 a1s2d3f4g5h6 a3eilm2s2y a987654321 aa123456789 aaa111 aardvark abc12 abc123 abc12345 abc123456789
        abcd1234 abcde12345 aberdeen abgrtyu abracadabra abrakadabra absolut access access14 accord accountbloc
        achilles action adgjmptw adidas admin admin18533362 adonis aezakmi afrika2002 agent007 aggies aikido airborne
        airbus airforce airplane ajcuivd289 ajnjuhfabz alabama alabama123 alaska albatros albion alejandr aleksander
        aleksandr aleksandra alessandro alexande alexander1 alexandr alexandra1 alexis alexsander alfa alibaba aliens
        allsop alpha alpha1 alphaomega alpine alternativa alucard am4h39d8nh amadeus amadeusptfcor amanda1 amateur
        amazon amber1 america america1 amsterda amsterdam amsterdam1 an83546921an13 anaconda anakin anal analsex
        anarchy anastasija anastasiya andrei andrew1 andrewjackie andrey andrey1992 anfield angel angel1 angelochek
        angelofwar angels anhyeuem animal animal2000 anime antananarivu anthony1 anubis apache apokalipsis apollo
        apollo13 apple apple1 apple123 applepie apples applesauce aquarius aragorn area51 arizona arjay armageddon
        armani arsenal arsenal1 arsenal123 artemis asd123 asdasd asdf asdf123 asdf1234 asdfasdf asdfg asdfg12345
        asdfgh asdfgh123456 asdfghj asdfghjk asdfghjkl asdfghjkl1 asdfghjkl123 asdfjkl asdzxc ashley1 aspire aspirine
        assassin assfuck asshole asshole1 asshole123 assman astalavista asterix astonmartin astonvilla astros atlanta
        atlantis atomic auburn auckland2010 aussie austin australi australia1 avalon avatar avenger avrillavigne
        awdrgyjilp awesome awesome123 awo8rx3wa8t azamat azerty azertyuiop azsxdc azsxdcfv azsxdcfvgb azwebitalia
        babe babemagnet babes babyboy babydoll babygirl babylon babylon5 backdoor badass badboy baddog badger
        badnaamhere baggins baller balloon balls bambam banana bananas bandit bang bangkok banker banshee barbie
        barcelon barcelona barkley barney barsik baseball baseball11 baseball12 basket basketba basketball1 bassman
        bastard batman batman1 beagle beaner beanie bear beast beastie beatles beautiful1 beauty beaver beavis
        beckham beefcake beer beetle berezuckiy berlin bestfriend bicycle bigballs bigbear bigbird bigboobs bigboy
        bigcock bigdaddy bigdick bigdog bigfoot biggie bigguy bigmac bigman bigmoney bigone bigred bigsexy bigtime
        bigtits bikini billy1 billybob billyboy bingo birdie birdman birthday10 birthday100 birthday21 birthday26
        birthday27 birthday28 birthday299 birthday54 biscuit bitch bitch1 bitches biteme bizkit blabla black1
        blackberry blackcat blackdog blackdragon blackhaw blackheart blackhorse blackie blackjac blackmetal blacks
        blackwhite blacky blade bladerunner blades blahblah blaster blazer blessed blingbling blink182 blizzard
        blonde blondes blondie blowjob blowme bltynbabrfwbz blue blue123 blue22 bluebird blueboy bluedevils bluedog
        bluedragon blueeyes bluemoon blues bluesky bob123 bobafett bobby1 bobcat boeing bogart bogdan bohica bollocks
        bollox bomber bond007 bondage bondarenko bonehead boner bones bonjour bonkers bonsai boob boobies booboo
        boobs booger boogie boomboom boomer bootie boots booty boredboi4u bosco bossman boston bowler bowling boxing
        boy4u2ownnyc bpgjldsgjldthnf br0d3r brando brandon1 brandy brasil braveheart braves brazil breakdance breast
        breeze brian1 brighton bristol britney bronco broncos brooklyn brownie browns brucelee brucewayne bruins
        brutus bubba bubba1 bubbas bubble bubbles buckeye buckeyes buckshot buddha buddy buddy1 budlight budman
        budweise buffalo buffett bugger bujhmbujhm bull bulldog bulldogs bullet bullseye bullshit bunghole bunny
        burger businessbabe buster buster1 butch butter butterbean butterfl butterfly butterfly1 butthead butthole
        buttman buttons byajhvfnbrf byteme c43dae874d c43qpul5rz cabbage cactus cadillac caesar calico caliente
        californ california1 caligula callofduty camaro camel camelot camels cameron canada cancer cancun candle
        candyman cannondale canon cantona capone captain caramel cardinal carolina carpet carrera carrot cartman
        cartoon casablanca caserta casey1 casino casper cassie cat123 catch22 catdog catfish catherin catman cats
        cavalier caveman ccbill cdtnkfyf cegthgegth cegthgfhjkm celica celine celtic celtic1888 celtics cessna
        cfkfvfylhf cghfdjxybr cgtwbfkbcn chainsaw champ champion champs changeme chaos charger chargers charles1
        charli charlie charlie1 charlie123 charlott charlton charly charmed chaser cheburashka cheerleaers cheers
        cheese cheetah chelsea chelsea1 cherokee cherry chessmaster chester chester1 chevelle chevrole chevy chevy1
        chewie cheyenne chicago chicago1 chichi chicken chicken1 chicken123 chickens chickenwing101 chicks chico
        chiefs chipper chivas chocolat chocolate1 chopper chris1 chrisbln chrisbrown chrissy christ christia
        christiaan christian1 christin christop christophe christopher1 chronic chrono chubby chucky cigars cinder
        cinnamon cjdthitycndj cjkysirj cjkywt clancy clapton classic clemson clipper clitoris cloud9 clover
        clubpenguin cnfnbcnbrf cnjvfnjkju cobra cobra1 cocacola cock cockgobbler cocks cocksucker coconut coffee
        cohiba coke colombia colorado colors colt45 coltrane combat123654 comicbookdb comicbooks commando compaq
        computador computadora compute computer concrete condom condor connect connor consumer contortionist
        contrasena cookie cookies cooldude cooler coolguy coolio coolman coorslight cooter copper corona corperfmonsy
        corrado corvette cosmo cosmos cosworth cougar counterstrike cowboy cowboys cowboys1 coyote cracker crazy1
        crazybab creampie creamy creative cricket crimson critter cruise cruiser crunch crusader crysis ctdfcnjgjkm
        cthulhu cthutq cuddles cumming cumshot cunt cuntfinger cunts cupcake curious custom cutlass cutter cvzefh1gkc
        cxfcnkbdfz cxfcnmt cxfcnmttcnm cyber cyberonline cyclone cyclops cyecvevhbr cyjdsvujljv cypress cytuehjxrf
        daddy1 daddysgirl daewoo dagger daisy1 dakota dalejr dallas dallas1 dammit damnit dancer dang danger danie
        daniel1 daniil danila danni dannyboy danzig darkknight darkness darkside darkstar darthvader dashadasha
        david1 davids dawg daytona dbrnjhbz dbrnjhjdbx dbrnjhjdyf dctvcjcfnm dctvghbdtn deadhead deadman death1
        deeppurple deepthroat deerhunter deeznuts defender defiant deftones delete delta delta1 deltaforce denali
        deniska depeche depechemode desert designer desire deskjet desperados destiny detroit deutschland devil
        devildog devildriver devilmaycry devilmaycry4 devils dexter dfkthbz dfkthf dfktynbyf dfktynbyrf dfvgbh
        dhjnvytyjub diablo diamond diamond1 diamonds dick dickhead dicks diesel dietcoke digger digital digitalprodu
        dilbert dildo dilligaf dima dinamo ding dingdong dinosaur discover disney divine dkflbckfd dkflbdjcnjr
        dkflbvbh dkflbvbhjdbx dkflbvbhjdyf doberman doctor dodger dodgeram dodgers dodgeviper dogg doggie doggy
        doggystyle dogman dogphil3650 dogs dollar dolphin dolphins domainlock2005 domino domodedovo donaldduck donkey
        donkeykong doobie doodle dookie doughboy dracula drago dragon dragon1 dragonball dragonballz dragonfire
        dragons dragoon dreamer dreams driver drizzt drowssap drpepper drumandbass drummer dthjybrf dublin ducati
        duchess duck dumbass durango duster eagle eagle1 eagles eastside eatme eatpussy eatshit eclipse eduard eeyore
        efbcapa201 einstein ejaculation ekaterina ekaterina20 electric element elephant elizabet elizabeth1 elvis1
        emerald emily1 eminem empire engage engineer enigma enter enter1 enterpri enterprise ericsson erotic
        escaflowne escort eternity europa evanescence evangelion everest everton excalibu exigen exigent exodus
        explorer express extreme eybdthcbntn fabie fabric facial faggot falcon falcons fallen fallenangel fallout
        falloutboy fang fantasy farside fart fartripper faster fatass fatboy fatcat fatman fcbarcelona feather
        felicidade fender fenerbahce fernand ferrari ferrari1 ferret fetish fgjrfkbgcbc ficken fiesta figaro fighter
        fighting54 filter finalfantasy finger fire fireball firebird firefighter firefly firefox fireman firestarter
        firstone123 fish fishes fishing fitness fkg7h4f3v6 fkmnthyfnbdf fktrcfylh fktrcfylh1 fktrcfylhf fktrcfylhjd
        fktrcfylhjdbx fktrcfylhjdf fktrcfylhjdyf fktrcfylth fktrctq flames flamingo flash flash1 flatron fletch
        flintstone flipper floppy florian florida florida1 flounder flower fluffy flvbybcnhfnjh flyboy flyers foobar
        football football1 football12 football123 fordf150 forest forever forfun formatters formula formula1 fortuna
        fossil foxtrot frank1 franky freaks freaky freckles freddy frederiksberg freedom freedom1 freepass freeporn
        freeuser friday friendster fright frisco frodo frog frogger froggy froinlaven fromvermine front242 frontier
        frosty frozenfish fubar fuck fuck_inside fucked fucker fuckers fuckface fuckher fucking fuckinside fuckit
        fuckme fuckmehard fuckmylife fuckoff fuckthemall fucktheworld fuckthis fucku2 fuckyou fuckyou1 fuckyou123
        fuckyou2 fuckyoubitch fuckyouguys fufnfrhbcnb fugazi funtime fusion fyfcnfcbz fyfnjkmtdbx fyfnjkmtdyf fylhtq
        fynfyfyfhbde gabrie galatasara galatasaray galaxy galina galore gambit gamemaster gandalf gandalf1 gangbang
        gangbanged gangsta gangster garden garfield gargoyle gateway gateway1 gator gators gblfhfcbyf gbpltw geheim
        gemini genesis genius george1 gerasimova geronimo getmoney getsome gfhfcjkmrf gfhfvgfvgfv gfhjkm gfhjkm123
        gfhjkmgfhjkm ghbdtn ghbdtnbr ghbdtndctv ghbdtnghbdtn ghbdtngjrf ghbdtnrfrltkf ghetto ghhh47hj764 ghhh47hj7649
        ghjcnbnenrf ghjcnbvtyz ghjcnj ghjcnjabkz ghjcnjgbpltw ghjcnjgfhjkm ghjcnjghjcnj ghjcnjnfr ghjcnjnfr1
        ghjcnjqgfhjkm ghjcnjrdfibyj ghjcnjrdfif ghjgfufylf ghjnbdjcnjzybt ghjrehfnehf ghjrjgtyrj ghjuhfvbcn
        ghjuhfvvbcn ghost ghostrider giants ginger giorgi girls gizmo gizmo1 gizmodo gjdtkbntkm gjikbdctyf gjkbyf
        gjkysqgbpltw gjytltkmybr gmoney gn56gn56 goalie goblin goblue goddess godisgreat godsmack godzilla gofish
        goforit goku golden goldfinger goldfish goldstar golf golfball golfer golfing goliath gonzo goober good123654
        goodfellas goodluck goodmorning goodtime google goose gopher gordolee85 gordon24 gorilla gotcha gothic
        gotohell govols grandorgue granny grapes great1 greatone greedisgood green1 greenbay greenday greenlantern
        greens gremlin grendel griffey gringo grizzly groovy groucho groupd2013 grumpy gthtcnhjqrf gthtrhtcnjr
        gtnhjpfdjlcr guardian guiness guinness guitar gundam gunnar gunner gunners gunslinger gustav gxlmxbewym
        gy3yt2rgls hacker hal9000 halflife hallo hambone hamburg hamlet hammer hammers hammertime hamster hannah
        hannibal hansolo happy1 happy123 happyday hardcore hardon hardrock hardwareid harley harley1 harrypotter
        hawaii hawkeye hd764nw5d7e1vb1 hearts heather1 heaven heavymetal hedgehog hedimaptfcor hellfire hello hello1
        hello123 hellokitty helloo hellothere helloworld hellraiser hellyeah helpme hendrix hentai herbie hercules
        hermes hershey hesoyam hesoyam123 hidden highland highlander hijodeputa hiphop hithere hitler hitman hjvfirf
        hobbes hobbit hockey holiday hollister1 holly1 hollywoo hollywood1 holyshit homer1 homers homerun honda
        honda1 hondacivic hondas2000 hongkong hooker hooter hooters horizon horndog hornet horney horny horny1 horse
        horses hotboy hotdog hotrod hotsex hotshot hotstuff hottie housewifes hshfd4n279 htubcnhfwbz hummer hunter
        hunter1 hunting hurrican husker huskers huskies hustler hyperion hypnodanny iaapptfcor iampurehaha2 ibanez
        icecream iceman iddqdiddqd iddqdidkfa iforgot igor iguana ihateyou ilikepussy illini illuminati iloveboobies
        ilovegirls ilovejesus ilovemusic ilovemyfamily ilovemylife ilovemyself ilovepussy ilovesex iloveu iloveyo
        iloveyou iloveyou11 iloveyou12 iloveyou123 immortal impala incubus indiana indians indigo inferno infiniti
        infinity ingodwetrust insane insertions installdevic installsqlst installutil integra intelinside interacial
        intercourse intermilan internet intrepid intruder irina irish1 ironmaiden ironman iseedeadpeople italia
        """#
}
